// Registers and controller of a chip behind a bus, with the requests of any bus slave on one side
// and the pins of the digital/analog border on the other.
module memprop_bus_core #(
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
    input  logic                              clk,
    input  logic                              rst_n,  // bus reset: configuration and memories stay
    input  logic                              req_valid,
    output logic                              req_ready,
    input  logic                              req_write,
    input  logic [19:0]                       req_addr,
    input  logic [31:0]                       req_wdata,
    input  logic [3:0]                        req_be,
    output logic                              rsp_valid,
    output logic [31:0]                       rsp_rdata,
    output logic [1:0]                        rsp_error,
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

  logic core_rst_n;
  logic core_start;
  logic core_train;
  logic core_x_bank;
  logic reg_we;
  logic reg_re;
  logic [19:0] reg_addr;
  logic [31:0] reg_wdata;
  logic [3:0] reg_be;
  logic [31:0] reg_rdata;

  memprop_register_file #(
      .TILES(TILES),
      .INPUTS(INPUTS),
      .OUTPUTS(OUTPUTS),
      .NEURONS(LINES),
      .WIDTHS(WIDTHS),
      .PHASE_ROWS(PHASE_ROWS),
      .INPUT_BITS(X_W),
      .ADC_BITS(ADC_W),
      .CHANNELS(CHANNELS),
      .TARGET_BITS(TARGET_W),
      .BIAS(BIAS),
      .ENGINES(ENGINES),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) registers (
      .clk(clk),
      .rst_n(rst_n),
      .req_valid(req_valid),
      .req_ready(req_ready),
      .req_write(req_write),
      .req_addr(req_addr),
      .req_wdata(req_wdata),
      .req_be(req_be),
      .rsp_valid(rsp_valid),
      .rsp_rdata(rsp_rdata),
      .rsp_error(rsp_error),
      .irq(irq),
      .core_rst_n(core_rst_n),
      .core_start(core_start),
      .core_train(core_train),
      .core_x_bank(core_x_bank),
      .core_busy(busy),
      .core_done(done),
      .core_phase(phase),
      .reg_we(reg_we),
      .reg_re(reg_re),
      .reg_addr(reg_addr),
      .reg_wdata(reg_wdata),
      .reg_be(reg_be),
      .reg_rdata(reg_rdata),
      .target_code(target_code)
  );

  /* verilator lint_save */
  /* verilator lint_off PINMISSING */  // change strobes, which only simulations look at
  memprop_controller #(
      .TILES(TILES),
      .WIDTHS(WIDTHS),
      .BIAS(BIAS),
      .X_W(X_W),
      .ADC_W(ADC_W),
      .CHANNELS(CHANNELS),
      .PHASE_ROWS(PHASE_ROWS),
      .ENGINES(ENGINES),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) controller (
      .clk(clk),
      .rst_n(core_rst_n),
      .start(core_start),
      .train(core_train),
      .x_bank(core_x_bank),
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
      .reg_we(reg_we),
      .reg_re(reg_re),
      .reg_addr(reg_addr),
      .reg_wdata(reg_wdata),
      .reg_be(reg_be),
      .reg_rdata(reg_rdata)
  );
  /* verilator lint_restore */
endmodule
