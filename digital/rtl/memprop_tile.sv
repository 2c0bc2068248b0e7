// The update circuits of one tile: U1 (pulse count), U2 (stochastic coincidence), U3 (sign-sign),
// with the shift registers of its lines. Specification: digital/README.md.
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
    output reg                      finished,      // U1: the present cycle is this tile's last
    output reg  [63:0]              pulses_up,
    output reg  [63:0]              pulses_down,
    output reg  [63:0]              clipped
); /* verilator inline_module */
  `include "memprop_registers.svh"
  `include "memprop_functions.svh"

  localparam [2:0] U1 = MEMPROP_MODE_ENGINE_PULSE_COUNT;
  localparam [2:0] U2 = MEMPROP_MODE_ENGINE_STOCHASTIC;
  localparam [2:0] U3 = MEMPROP_MODE_ENGINE_SIGN_SIGN;
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

  // ---------------------------------------------------------------- U1: pulse count
  task automatic list_rows;
    reg [31:0] i;
    begin
      for (i = 0; i < ROWS; i = i + 1) row_fires[i] = (row_live[i] & 32'd1) << (i & 31);
      pack_rows;
      pending = rows_now;
      rows_now = {ROW_WORDS*32{1'b0}};
    end
  endtask

  // The lowest row that is pending.
  task automatic find_row;
    integer w;
    integer k;
    reg [31:0] bits;
    // verilator lint_off UNUSEDSIGNAL
    reg [31:0] found;
    // verilator lint_on UNUSEDSIGNAL
    begin
      found = 32'd0;
      bits = 32'd0;
      for (w = ROW_WORDS - 1; w >= 0; w = w - 1) begin
        if (pending[w*32 +: 32] != 32'd0) begin
          found = w * 32;
          bits = pending[w*32 +: 32];
        end
      end
      for (k = 31; k >= 0; k = k - 1) begin
        if (bits[k]) row = found[ROW_INDEX-1:0] + k[ROW_INDEX-1:0];
      end
    end
  endtask

  task automatic count_pulses;
    reg [31:0] i;
    reg signed [D_W-1:0] x;
    reg signed [D_W-1:0] y;
    reg signed [D_W-1:0] a;
    reg signed [D_W-1:0] b;
    reg signed [D_W-1:0] d;
    reg [D_W-1:0] size;
    reg [S_W-1:0] scaled;
    reg [31:0] state;
    reg [16:0] up_slots;
    reg [16:0] down_slots;
    begin
      up_slots = 17'd0;
      down_slots = 17'd0;
      x = {{(D_W-ROW_W){row_a[row][ROW_W-1]}}, row_a[row]};
      y = {{(D_W-ROW_W){row_b[row][ROW_W-1]}}, row_b[row]};
      for (i = 0; i < COLS; i = i + 1) begin
        state = advanced(col_state[i]);
        col_state[i] = state;
        a = {{(D_W-COL_W){col_a[i][COL_W-1]}}, col_a[i]};
        b = {{(D_W-COL_W){col_b[i][COL_W-1]}}, col_b[i]};
        d = x * a;
        if (product) d = d - y * b;
        size = d[D_W-1] ? -d : d;
        scaled = {{(S_W-D_W){1'b0}}, size} * {{(S_W-16){1'b0}}, rate_mantissa};
        scaled = scaled >> (rate_shift - 7'd16);
        scaled = scaled + {{(S_W-16){1'b0}}, state[31:16]};
        scaled = scaled >> 16;
        if (scaled > {{(S_W-16){1'b0}}, max_pulses}) begin
          cut = cut + 32'd1;
          scaled = {{(S_W-16){1'b0}}, max_pulses};
        end
        count[i] = scaled[15:0];
        down[i] = d[D_W-1];
        if (!d[D_W-1] && {1'b0, count[i]} > up_slots) up_slots = {1'b0, count[i]};
        if (d[D_W-1] && {1'b0, count[i]} > down_slots) down_slots = {1'b0, count[i]};
      end
      set_slots = up_slots;
      slots = up_slots + down_slots;
      slot = 17'd0;
    end
  endtask

  task automatic drive_slot;
    reg [31:0] i;
    reg [16:0] level;
    reg fires;
    begin
      pol_now = slot < set_slots;
      level = pol_now ? slot : slot - set_slots;
      for (i = 0; i < COLS; i = i + 1) begin
        fires = down[i] != pol_now && {1'b0, count[i]} > level;
        col_fires[i] = {31'd0, fires} << (i & 31);
        hits = hits + {31'd0, fires};
      end
      pack_cols;
      rows_now[row] = 1'b1;
      slot = slot + 17'd1;
    end
  endtask

  task automatic cycle_pulse_count;
    begin
      if (enter) begin
        list_rows;
        slots = 17'd0;
        slot = 17'd0;
      end
      if (slot == slots && pending != 0) begin
        find_row;
        pending[row] = 1'b0;
        count_pulses;
      end
      if (slot < slots) drive_slot;
      finished <= slot == slots && pending == 0;
    end
  endtask

  // ---------------------------------------------------------------- U2: stochastic coincidence
  task automatic keep_states;
    reg [31:0] i;
    begin
      for (i = 0; i < ROWS; i = i + 1) row_start[i] = row_state[i];
      for (i = 0; i < COLS; i = i + 1) col_start[i] = col_state[i];
    end
  endtask

  task automatic restore_states;
    reg [31:0] i;
    begin
      for (i = 0; i < ROWS; i = i + 1) row_state[i] = row_start[i];
      for (i = 0; i < COLS; i = i + 1) col_state[i] = col_start[i];
    end
  endtask

  task automatic set_limits;
    reg [31:0] i;
    reg signed [ROW_W-1:0] x;
    reg signed [COL_W-1:0] d;
    reg [ROW_W+15:0] row_scaled;
    reg [COL_W+15:0] col_scaled;
    begin
      for (i = 0; i < ROWS; i = i + 1) begin
        x = pass_group ? row_b[i] : row_a[i];
        if (row_negative) x = -x;
        row_scaled = {16'd0, x} * {{ROW_W{1'b0}}, row_mantissa};
        row_scaled = row_scaled >> row_shift;
        row_limit[i] = {16'd0, row_scaled[15:0]};
        if (row_scaled[ROW_W+15:16] != 0) row_limit[i] = 32'd65535;
        if (x[ROW_W-1]) row_limit[i] = 32'd0;
      end
      for (i = 0; i < COLS; i = i + 1) begin
        d = pass_group ? col_b[i] : col_a[i];
        if (col_negative) d = -d;
        col_scaled = {16'd0, d} * {{COL_W{1'b0}}, col_mantissa};
        col_scaled = col_scaled >> col_shift;
        col_limit[i] = {16'd0, col_scaled[15:0]};
        if (col_scaled[COL_W+15:16] != 0) col_limit[i] = 32'd65535;
        if (d[COL_W-1]) col_limit[i] = 32'd0;
      end
    end
  endtask

  // Draws of lines that stand still do not count: their limit is 0.
  task automatic draw_lines;
    reg [31:0] i;
    reg [31:0] state;
    reg [31:0] fires;
    reg [31:0] row_sum;
    reg [31:0] col_sum;
    begin
      row_sum = 32'd0;
      col_sum = 32'd0;
      for (i = 0; i < ROWS; i = i + 1) begin
        state = row_state[i];
        state = state ^ (state << 13);
        state = state ^ (state >> 17);
        state = state ^ (state << 5);
        row_state[i] = row_state[i] ^ ((row_state[i] ^ state) & row_live[i]);
        fires = {31'd0, {16'd0, state[31:16]} < row_limit[i]};
        row_fires[i] = fires << (i & 31);
        row_sum = row_sum + fires;
      end
      pack_rows;
      for (i = 0; i < COLS; i = i + 1) begin
        state = col_state[i];
        state = state ^ (state << 13);
        state = state ^ (state >> 17);
        state = state ^ (state << 5);
        col_state[i] = col_state[i] ^ ((col_state[i] ^ state) & col_live[i]);
        fires = {31'd0, {16'd0, state[31:16]} < col_limit[i]};
        col_fires[i] = fires << (i & 31);
        col_sum = col_sum + fires;
      end
      pack_cols;
      row_hits = row_sum;
      col_hits = col_sum;
    end
  endtask

  task automatic cycle_stochastic;
    begin
      if (enter && product) keep_states;
      if (pass_restore) restore_states;
      if (pass_first) set_limits;
      draw_lines;
      hits = row_hits * col_hits;
      pol_now = pass_set;
    end
  endtask

  // ---------------------------------------------------------------- U3: sign-sign
  task automatic cycle_sign_sign;
    reg [31:0] i;
    reg signed [ROW_W-1:0] x;
    reg signed [COL_W-1:0] d;
    reg [31+ROW_W:0] row_size;
    reg [31+COL_W:0] col_size;
    reg fires;
    begin
      for (i = 0; i < ROWS; i = i + 1) begin
        x = row_negative ? -row_a[i] : row_a[i];
        row_size = {32'd0, x};
        fires = !x[ROW_W-1] && row_size > {{ROW_W{1'b0}}, row_threshold};
        row_fires[i] = {31'd0, fires} << (i & 31);
        row_hits = row_hits + {31'd0, fires};
      end
      for (i = 0; i < COLS; i = i + 1) begin
        d = col_negative ? -col_a[i] : col_a[i];
        col_size = {32'd0, d};
        fires = !d[COL_W-1] && col_size > {{COL_W{1'b0}}, col_threshold};
        col_fires[i] = {31'd0, fires} << (i & 31);
        col_hits = col_hits + {31'd0, fires};
      end
      pack_rows;
      pack_cols;
      hits = row_hits * col_hits;
      pol_now = pass_set;
    end
  endtask

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
