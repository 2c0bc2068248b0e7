// The update circuits of one tile: U1 (pulse count), U2 (stochastic coincidence), U3 (sign-sign),
// U7 (accumulate, then write), with the shift registers of its lines. Specification:
// digital/README.md.
//
// Everything of a cycle happens at the edge that begins it, from the codes as that edge latches them,
// so values inside are assigned at once (blocking) and only pins and counters wait for the edge.
module memprop_tile #(
    parameter integer TILE = 0,
    parameter integer INPUTS = 2,        // rows without the bias row
    parameter integer COLS = 2,
    parameter integer BIAS = 0,
    parameter integer CODE_W = 8,        // bits of a row code: X_W (tile 0, unsigned) or ADC_W
    parameter integer ADC_W = 10,
    parameter [7:0] ENGINES = 8'h0f,
    parameter integer ACCUMULATOR_BITS = 8,
    parameter integer RUNTIME_SEED = 1,
    parameter [31:0] RESET_SEED = 32'd1,
    parameter integer ROWS = INPUTS + BIAS
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire [31:0]              seed,
    input  wire [2:0]               engine,
    input  wire                     product,
    input  wire [15:0]              max_pulses,
    input  wire [15:0]              rate_mantissa,
    input  wire [6:0]               rate_shift,
    input  wire [15:0]              row_mantissa,
    input  wire [5:0]               row_shift,
    input  wire [15:0]              col_mantissa,
    input  wire [5:0]               col_shift,
    input  wire [31:0]              row_threshold,
    input  wire [31:0]              col_threshold,
    input  wire [30:0]              bias_code,
    input  wire [23:0]              threshold,     // U7: accumulated units of a pulse
    input  wire                     show,          // this edge reads the accumulator of show_cell
    input  wire [28:0]              show_cell,     // {row, column}
    output reg  [31:0]              shown,
    // codes as they are after this edge; product form: D = first x first - second x second, else
    // D = row_first x (col_first - col_second)
    input  wire [INPUTS*CODE_W-1:0] row_first,
    input  wire [INPUTS*CODE_W-1:0] row_second,
    input  wire [COLS*ADC_W-1:0]    col_first,
    input  wire [COLS*ADC_W-1:0]    col_second,
    input  wire                     enter,         // this edge enters UPDATE
    input  wire                     cycle,         // the cycle that begins is one of UPDATE
    input  wire                     leave,         // this edge leaves UPDATE
    input  wire                     pass_first,    // of memprop_pass_counter
    input  wire                     pass_restore,
    input  wire                     pass_group,
    input  wire                     row_negative,
    input  wire                     col_negative,
    input  wire                     pass_set,
    output reg  [ROWS-1:0]          row_pulse,
    output reg  [COLS-1:0]          col_pulse,
    output reg                      pol,
    output reg                      high,          // a line is
    output reg                      row_change,    // row lines differ from those of the last cycle
    output reg                      col_change,
    output reg                      finished,      // U1, U7: the present cycle is this tile's last
    output reg  [63:0]              pulses_up,
    output reg  [63:0]              pulses_down,
    output reg  [63:0]              clipped
); /* verilator inline_module */
  `include "memprop_registers.svh"
  `include "memprop_functions.svh"

  localparam [2:0] U1 = MEMPROP_MODE_ENGINE_PULSE_COUNT;
  localparam [2:0] U2 = MEMPROP_MODE_ENGINE_STOCHASTIC;
  localparam [2:0] U3 = MEMPROP_MODE_ENGINE_SIGN_SIGN;
  localparam [2:0] U7 = MEMPROP_MODE_ENGINE_ACCUMULATE;
  localparam SIGNED_ROWS = (TILE != 0) ? 1'b1 : 1'b0;
  localparam integer ROW_W = CODE_W + 1;  // of a row code, signed
  localparam integer COL_W = ADC_W + 1;   // of a difference
  localparam integer D_W = ROW_W + COL_W + 1;
  localparam integer S_W = D_W + 17;
  localparam integer ROW_WORDS = (ROWS + 31) / 32;
  localparam integer COL_WORDS = (COLS + 31) / 32;
  // Whole powers of two, so that a simulator need not check indices.
  localparam integer ROW_SPACE = 1 << $clog2(ROW_WORDS * 32);
  localparam integer COL_SPACE = 1 << $clog2(COL_WORDS * 32);
  localparam integer ROW_INDEX = $clog2(ROW_SPACE);

  // Shift registers; at the start of the update; operands; whether a register advances; U2: what a
  // draw must stay below to fire.
  (* mem2reg *) reg [31:0]             row_state [0:ROW_SPACE-1];
  (* mem2reg *) reg [31:0]             col_state [0:COL_SPACE-1];
  (* mem2reg *) reg [31:0]             row_start [0:ROW_SPACE-1];
  (* mem2reg *) reg [31:0]             col_start [0:COL_SPACE-1];
  (* mem2reg *) reg signed [ROW_W-1:0] row_a [0:ROW_SPACE-1];
  (* mem2reg *) reg signed [ROW_W-1:0] row_b [0:ROW_SPACE-1];
  (* mem2reg *) reg signed [COL_W-1:0] col_a [0:COL_SPACE-1];
  (* mem2reg *) reg signed [COL_W-1:0] col_b [0:COL_SPACE-1];
  (* mem2reg *) reg [31:0]             row_live [0:ROW_SPACE-1];
  (* mem2reg *) reg [31:0]             col_live [0:COL_SPACE-1];
  (* mem2reg *) reg [31:0]             row_limit [0:ROW_SPACE-1];
  (* mem2reg *) reg [31:0]             col_limit [0:COL_SPACE-1];
  // whether a line fires, at its place in a word of 32 lines
  (* mem2reg *) reg [31:0]             row_fires [0:ROW_SPACE-1];
  (* mem2reg *) reg [31:0]             col_fires [0:COL_SPACE-1];
  // U1: pulses of the columns of the present row, and their sign
  (* mem2reg *) reg [15:0]             count [0:COL_SPACE-1];
  (* mem2reg *) reg                    down [0:COL_SPACE-1];

  reg [ROW_WORDS*32-1:0] pending;  // U1: rows to be visited
  reg [ROW_INDEX-1:0]    row;      // U1: the present one
  reg [16:0]             set_slots;
  reg [16:0]             slots;
  reg [16:0]             slot;

  // of the cycle that begins
  reg [ROW_WORDS*32-1:0] rows_now;
  reg [COL_WORDS*32-1:0] cols_now;
  reg                    pol_now;
  reg [31:0]             row_hits;
  reg [31:0]             col_hits;
  reg [31:0]             hits;
  reg [31:0]             cut;      // U1: cells whose count was cut

  wire [32:0] bias_wide = {2'd0, bias_code};
  wire unused = &{1'b0, bias_wide};
  wire [31:0] seed_used = (RUNTIME_SEED != 0) ? seed : RESET_SEED;

  // verilator lint_off BLKSEQ
  // Loops count in unsigned words: with signed ones, what Verilator makes of them is not vectorised.
  task automatic seed_registers;
    reg [31:0] i;
    reg [31:0] lane;
    begin
      lane = lane_seed(seed_used, TILE, 32'd1);
      for (i = 0; i < ROWS; i = i + 1) row_state[i] = register_seed(lane, i);
      lane = lane_seed(seed_used, TILE, 32'd0);
      for (i = 0; i < COLS; i = i + 1) col_state[i] = register_seed(lane, i);
    end
  endtask

  task automatic load_operands;
    reg [31:0] i;
    reg [CODE_W-1:0] x;
    reg [ADC_W-1:0] c;
    reg signed [COL_W-1:0] a;
    reg signed [COL_W-1:0] b;
    begin
      for (i = 0; i < INPUTS; i = i + 1) begin
        x = row_first[i*CODE_W +: CODE_W];
        row_a[i] = {SIGNED_ROWS && x[CODE_W-1], x};
        x = row_second[i*CODE_W +: CODE_W];
        row_b[i] = product ? {SIGNED_ROWS && x[CODE_W-1], x} : {ROW_W{1'b0}};
      end
      if (BIAS != 0) begin
        row_a[ROWS-1] = bias_wide[ROW_W-1:0];
        row_b[ROWS-1] = product ? bias_wide[ROW_W-1:0] : {ROW_W{1'b0}};
      end
      for (i = 0; i < COLS; i = i + 1) begin
        c = col_first[i*ADC_W +: ADC_W];
        a = {c[ADC_W-1], c};
        c = col_second[i*ADC_W +: ADC_W];
        b = {c[ADC_W-1], c};
        col_a[i] = product ? a : a - b;
        col_b[i] = product ? b : {COL_W{1'b0}};
        col_live[i] = {32{col_a[i] != 0 || col_b[i] != 0}};
      end
      for (i = 0; i < ROWS; i = i + 1) row_live[i] = {32{row_a[i] != 0 || row_b[i] != 0}};
    end
  endtask

  // Lines of the cycle from the words in which they fire.
  task automatic pack_rows;
    reg [31:0] w;
    reg [31:0] i;
    reg [31:0] bits;
    begin
      for (w = 0; w < ROW_WORDS; w = w + 1) begin
        bits = 32'd0;
        for (i = w * 32; i < w * 32 + 32; i = i + 1) begin
          if (i < ROWS) bits = bits | row_fires[i];
        end
        rows_now[w*32 +: 32] = bits;
      end
    end
  endtask

  task automatic pack_cols;
    reg [31:0] w;
    reg [31:0] i;
    reg [31:0] bits;
    begin
      for (w = 0; w < COL_WORDS; w = w + 1) begin
        bits = 32'd0;
        for (i = w * 32; i < w * 32 + 32; i = i + 1) begin
          if (i < COLS) bits = bits | col_fires[i];
        end
        cols_now[w*32 +: 32] = bits;
      end
    end
  endtask

  `include "memprop_tile_pulse_count.svh"
  `include "memprop_tile_accumulate.svh"
  `include "memprop_tile_coincidence.svh"

  // ---------------------------------------------------------------- every cycle
  always @(posedge clk) begin
    row_change <= 1'b0;
    col_change <= 1'b0;
    if (!rst_n) begin
      seed_registers;
      pending = {ROW_WORDS*32{1'b0}};
      slots = 17'd0;
      slot = 17'd0;
      row_change <= row_pulse != {ROWS{1'b0}};
      col_change <= col_pulse != {COLS{1'b0}};
      row_pulse <= {ROWS{1'b0}};
      col_pulse <= {COLS{1'b0}};
      pol <= 1'b0;
      high <= 1'b0;
      finished <= 1'b0;
      filled = {ROW_SPACE{1'b0}};
      want_up = 1'b0;
      want_down = 1'b0;
      pulses_up <= 64'd0;
      pulses_down <= 64'd0;
      clipped <= 64'd0;
    end else if (cycle || leave) begin
      rows_now = {ROW_WORDS*32{1'b0}};
      cols_now = {COL_WORDS*32{1'b0}};
      pol_now = 1'b0;
      row_hits = 32'd0;
      col_hits = 32'd0;
      hits = 32'd0;
      cut = 32'd0;
      if (enter) load_operands;
      if (cycle && engine == U1 && ENGINES[U1]) cycle_pulse_count;
      if (cycle && engine == U2 && ENGINES[U2]) cycle_stochastic;
      if (cycle && engine == U3 && ENGINES[U3]) cycle_sign_sign;
      if (ENGINES[U7]) begin
        if (cycle && engine == U7) cycle_accumulate;
      end
      row_change <= row_pulse != rows_now[ROWS-1:0];
      col_change <= col_pulse != cols_now[COLS-1:0];
      row_pulse <= rows_now[ROWS-1:0];
      col_pulse <= cols_now[COLS-1:0];
      pol <= pol_now;
      high <= rows_now != 0 || cols_now != 0;
      if (pol_now) pulses_up <= pulses_up + {32'd0, hits};
      else pulses_down <= pulses_down + {32'd0, hits};
      clipped <= clipped + {32'd0, cut};
    end
  end
  // verilator lint_on BLKSEQ
endmodule
