// Part of memprop_tile: U1 (pulse count), and the rows and counts that U7 shares with it.

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

// Draw of column i and its rounded count in the present row, with the codes x, y of the row.
// verilator lint_off UNUSEDSIGNAL
task automatic count_column(input [31:0] i, input signed [D_W-1:0] x,
                            input signed [D_W-1:0] y, output negative,
                            output [S_W-1:0] scaled);
// verilator lint_on UNUSEDSIGNAL
  reg signed [D_W-1:0] a;
  reg signed [D_W-1:0] b;
  reg signed [D_W-1:0] d;
  reg [D_W-1:0] size;
  reg [31:0] state;
  begin
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
    negative = d[D_W-1];
  end
endtask

task automatic count_pulses;
  reg [31:0] i;
  reg signed [D_W-1:0] x;
  reg signed [D_W-1:0] y;
  reg negative;
  reg [S_W-1:0] scaled;
  reg [16:0] up_slots;
  reg [16:0] down_slots;
  begin
    up_slots = 17'd0;
    down_slots = 17'd0;
    x = {{(D_W-ROW_W){row_a[row][ROW_W-1]}}, row_a[row]};
    y = {{(D_W-ROW_W){row_b[row][ROW_W-1]}}, row_b[row]};
    for (i = 0; i < COLS; i = i + 1) begin
      count_column(i, x, y, negative, scaled);
      if (scaled > {{(S_W-16){1'b0}}, max_pulses}) begin
        cut = cut + 32'd1;
        scaled = {{(S_W-16){1'b0}}, max_pulses};
      end
      count[i] = scaled[15:0];
      down[i] = negative;
      if (!negative && {1'b0, count[i]} > up_slots) up_slots = {1'b0, count[i]};
      if (negative && {1'b0, count[i]} > down_slots) down_slots = {1'b0, count[i]};
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
