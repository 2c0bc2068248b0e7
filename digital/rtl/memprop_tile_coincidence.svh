// Part of memprop_tile: U2 (stochastic coincidence) and U3 (sign-sign).

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
