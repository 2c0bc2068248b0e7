// Replays recorded inputs of memprop_controller (+stimulus=FILE, one hexadecimal word an edge) in any
// Verilog simulator and writes what its outputs are after each edge (+trace=FILE).
module memprop_replay #(
    parameter integer TILES = 2,
    parameter [9*32-1:0] WIDTHS = {192'd0, 32'd2, 32'd8, 32'd2},
    parameter integer BIAS = 0,
    parameter integer X_W = 8,
    parameter integer ADC_W = 10,
    parameter integer RUNTIME_SEED = 1,
    parameter [7:0] ENGINES = 8'h0f,
    parameter integer ACCUMULATOR_BITS = 8,
    parameter integer CHANNELS = 10,
    parameter integer LINES = 10,
    parameter integer ROW_LINES = 10,
    parameter integer EDGES = 1000
);
  localparam integer INPUTS = WIDTHS[31:0];
  localparam integer IN_W = CHANNELS * ADC_W + 59;
  localparam integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS;
  localparam integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1;
  reg [IN_W-1:0] stimulus [0:EDGES-1];
  reg [IN_W-1:0] now;
  reg clk;
  wire [3:0] phase;
  wire x_dac_load;
  wire row_en;
  wire nudge_en;
  wire nudge_sign;
  wire [2:0] sh_en;
  wire adc_start;
  wire [1:0] adc_bank;
  wire [GROUP_W-1:0] adc_group;
  wire upd_en;
  wire busy;
  wire done;
  wire row_pulse_change;
  wire col_pulse_change;
  wire [31:0] reg_rdata;
  wire [TILES-1:0] upd_pol;
  wire [ROW_LINES-1:0] row_pulse;
  wire [LINES-1:0] col_pulse;
  wire [INPUTS*X_W-1:0] x_code;

  memprop_controller #(
      .TILES(TILES),
      .WIDTHS(WIDTHS),
      .BIAS(BIAS),
      .X_W(X_W),
      .ADC_W(ADC_W),
      .CHANNELS(CHANNELS),
      .RUNTIME_SEED(RUNTIME_SEED),
      .ENGINES(ENGINES),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) dut (
      .clk(clk),
      .rst_n(now[0]),
      .start(now[1]),
      .train(now[2]),
      .x_bank(now[3]),
      .adc_done(now[4]),
      .reg_we(now[5]),
      .reg_re(now[6]),
      .reg_addr(now[26:7]),
      .reg_wdata(now[58:27]),
      .reg_be(4'hf),
      .adc_data(now[59 +: CHANNELS*ADC_W]),
      .phase(phase),
      .x_dac_load(x_dac_load),
      .row_en(row_en),
      .nudge_en(nudge_en),
      .nudge_sign(nudge_sign),
      .sh_en(sh_en),
      .adc_start(adc_start),
      .adc_bank(adc_bank),
      .adc_group(adc_group),
      .upd_en(upd_en),
      .busy(busy),
      .done(done),
      .row_pulse_change(row_pulse_change),
      .col_pulse_change(col_pulse_change),
      .reg_rdata(reg_rdata),
      .upd_pol(upd_pol),
      .row_pulse(row_pulse),
      .col_pulse(col_pulse),
      .x_code(x_code)
  );

  reg [1023:0] stimulus_file;
  reg [1023:0] trace_file;
  integer trace;
  integer k;
  initial begin
    if (!$value$plusargs("stimulus=%s", stimulus_file)) $finish;
    if (!$value$plusargs("trace=%s", trace_file)) $finish;
    $readmemh(stimulus_file, stimulus);
    trace = $fopen(trace_file, "w");
    clk = 1'b0;
    for (k = 0; k < EDGES; k = k + 1) begin
      now = stimulus[k];
      #5 clk = 1'b1;
      #1 $fdisplay(trace, "%h", {x_code, col_pulse, row_pulse, upd_pol, adc_group, reg_rdata,
                                 col_pulse_change, row_pulse_change, done, busy, upd_en, adc_bank,
                                 adc_start, sh_en, nudge_sign, nudge_en, row_en, x_dac_load, phase});
      #4 clk = 1'b0;
    end
    $fclose(trace);
    $finish;
  end
endmodule
