// Digital side of a chip behind AXI4-Lite: slave, registers, controller.
module memprop_axi_lite_chip #(
    parameter integer TILES = 2,
    parameter [9*32-1:0] WIDTHS = {192'd0, 32'd3, 32'd4, 32'd5},  // of layer k at bits 32k
    parameter integer BIAS = 1,
    parameter integer X_W = 8,
    parameter integer ADC_W = 10,
    parameter integer CHANNELS = neurons_up_to(TILES),  // converters
    parameter integer TARGET_W = 8,
    parameter integer PHASE_ROWS = 32,
    parameter [7:0] ENGINES = 8'h0f,
    parameter integer ACCUMULATOR_BITS = 8,
    // Of the parameters above: do not set.
    parameter integer INPUTS = WIDTHS[31:0],
    parameter integer OUTPUTS = WIDTHS[32*TILES +: 32],
    parameter integer LINES = neurons_up_to(TILES),
    parameter integer ROW_LINES = INPUTS + LINES - OUTPUTS + BIAS * TILES,
    parameter integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS,
    parameter integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
    input  logic                              aclk,
    input  logic                              aresetn,
    input  logic                              s_axi_awvalid,
    output logic                              s_axi_awready,
    input  logic [19:0]                       s_axi_awaddr,
    input  logic [2:0]                        s_axi_awprot,
    input  logic                              s_axi_wvalid,
    output logic                              s_axi_wready,
    input  logic [31:0]                       s_axi_wdata,
    input  logic [3:0]                        s_axi_wstrb,
    output logic                              s_axi_bvalid,
    input  logic                              s_axi_bready,
    output logic [1:0]                        s_axi_bresp,
    input  logic                              s_axi_arvalid,
    output logic                              s_axi_arready,
    input  logic [19:0]                       s_axi_araddr,
    input  logic [2:0]                        s_axi_arprot,
    output logic                              s_axi_rvalid,
    input  logic                              s_axi_rready,
    output logic [31:0]                       s_axi_rdata,
    output logic [1:0]                        s_axi_rresp,
    input  logic                              adc_done,
    input  logic [CHANNELS*ADC_W-1:0]         adc_data,
    output logic [3:0]                        phase,
    output logic                              x_dac_load,
    output logic [INPUTS*X_W-1:0]             x_code,
    output logic                              row_en,
    output logic                              nudge_en,
    output logic                              nudge_sign,
    output logic [2:0]                        sh_en,
    output logic                              adc_start,
    output logic [1:0]                        adc_bank,
    output logic [GROUP_W-1:0]                adc_group,
    output logic                              upd_en,
    output logic [TILES-1:0]                  upd_pol,
    output logic [ROW_LINES-1:0]              row_pulse,
    output logic [LINES-1:0]                  col_pulse,
    output logic                              busy,
    output logic                              done,
    output logic [OUTPUTS*TARGET_W-1:0]       target_code,
    output logic                              irq
);
  function automatic integer neurons_up_to(input integer layer);
    integer k;
    begin
      neurons_up_to = 0;
      for (k = 1; k <= layer; k = k + 1) neurons_up_to = neurons_up_to + WIDTHS[32*k +: 32];
    end
  endfunction

  logic req_valid;
  logic req_ready;
  logic req_write;
  logic [19:0] req_addr;
  logic [31:0] req_wdata;
  logic [3:0] req_be;
  logic rsp_valid;
  logic [31:0] rsp_rdata;
  logic [1:0] rsp_error;

  memprop_axi_lite slave (
      .aclk(aclk),
      .aresetn(aresetn),
      .s_axi_awvalid(s_axi_awvalid),
      .s_axi_awready(s_axi_awready),
      .s_axi_awaddr(s_axi_awaddr),
      .s_axi_awprot(s_axi_awprot),
      .s_axi_wvalid(s_axi_wvalid),
      .s_axi_wready(s_axi_wready),
      .s_axi_wdata(s_axi_wdata),
      .s_axi_wstrb(s_axi_wstrb),
      .s_axi_bvalid(s_axi_bvalid),
      .s_axi_bready(s_axi_bready),
      .s_axi_bresp(s_axi_bresp),
      .s_axi_arvalid(s_axi_arvalid),
      .s_axi_arready(s_axi_arready),
      .s_axi_araddr(s_axi_araddr),
      .s_axi_arprot(s_axi_arprot),
      .s_axi_rvalid(s_axi_rvalid),
      .s_axi_rready(s_axi_rready),
      .s_axi_rdata(s_axi_rdata),
      .s_axi_rresp(s_axi_rresp),
      .req_valid(req_valid),
      .req_ready(req_ready),
      .req_write(req_write),
      .req_addr(req_addr),
      .req_wdata(req_wdata),
      .req_be(req_be),
      .rsp_valid(rsp_valid),
      .rsp_rdata(rsp_rdata),
      .rsp_error(rsp_error)
  );

  memprop_bus_core #(
      .TILES(TILES),
      .WIDTHS(WIDTHS),
      .BIAS(BIAS),
      .X_W(X_W),
      .ADC_W(ADC_W),
      .CHANNELS(CHANNELS),
      .TARGET_W(TARGET_W),
      .PHASE_ROWS(PHASE_ROWS),
      .ENGINES(ENGINES),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) core (
      .clk(aclk),
      .rst_n(aresetn),
      .req_valid(req_valid),
      .req_ready(req_ready),
      .req_write(req_write),
      .req_addr(req_addr),
      .req_wdata(req_wdata),
      .req_be(req_be),
      .rsp_valid(rsp_valid),
      .rsp_rdata(rsp_rdata),
      .rsp_error(rsp_error),
      .adc_done(adc_done),
      .adc_data(adc_data),
      .phase(phase),
      .x_dac_load(x_dac_load),
      .x_code(x_code),
      .row_en(row_en),
      .nudge_en(nudge_en),
      .nudge_sign(nudge_sign),
      .sh_en(sh_en),
      .adc_start(adc_start),
      .adc_bank(adc_bank),
      .adc_group(adc_group),
      .upd_en(upd_en),
      .upd_pol(upd_pol),
      .row_pulse(row_pulse),
      .col_pulse(col_pulse),
      .busy(busy),
      .done(done),
      .target_code(target_code),
      .irq(irq)
  );
endmodule
