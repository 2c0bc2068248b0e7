// ------------------------------------------------------------------ U7: accumulate, then write
// Part of memprop_tile. A memory word per row holds the accumulators of its columns: read when the
// row is visited, written back in every cycle that changed it. A reset forgets rows by their
// `filled` bits, so that the memory needs none.
localparam integer A_W = ACCUMULATOR_BITS;
localparam integer STORE_INDEX = ENGINES[U7] ? ROW_INDEX : 1;
localparam signed [A_W+1:0] LARGEST = {3'b000, {(A_W-1){1'b1}}};
reg [COLS*A_W-1:0]   store [0:(1<<STORE_INDEX)-1];
reg [ROW_SPACE-1:0]  filled;
reg [COLS*A_W-1:0]   word;      // of the present row
(* mem2reg *) reg signed [A_W-1:0] cells [0:COL_SPACE-1];  // its parts
reg                  want_up;   // SET slots of the row are left
reg                  want_down;
reg [15:0]           slots_done;  // of this polarity, in the present row

wire signed [A_W-1:0] unit = threshold[A_W-1:0];
wire unused_threshold = &{1'b0, threshold, show, show_cell};

// Adds what the present row wants.
task automatic add_row;
  reg [31:0] i;
  reg signed [D_W-1:0] x;
  reg signed [D_W-1:0] y;
  reg negative;
  reg [S_W-1:0] scaled;
  reg signed [A_W+1:0] sum;
  begin
    word = filled[row] ? store[row[STORE_INDEX-1:0]] : {COLS*A_W{1'b0}};
    filled[row] = 1'b1;
    want_up = 1'b0;
    want_down = 1'b0;
    slots_done = 16'd0;
    x = {{(D_W-ROW_W){row_a[row][ROW_W-1]}}, row_a[row]};
    y = {{(D_W-ROW_W){row_b[row][ROW_W-1]}}, row_b[row]};
    for (i = 0; i < COLS; i = i + 1) begin
      count_column(i, x, y, negative, scaled);
      cells[i] = word[i*A_W +: A_W];
      // More than any accumulator holds counts as 2^A_W: it saturates from wherever it starts.
      if (scaled[S_W-1:A_W] != 0) scaled = {{(S_W-1){1'b0}}, 1'b1} << A_W;
      sum = negative ? -scaled[A_W+1:0] : scaled[A_W+1:0];
      sum = sum + {{2{cells[i][A_W-1]}}, cells[i]};
      if (sum > LARGEST || sum < -LARGEST) begin
        cut = cut + 32'd1;
        sum = negative ? -LARGEST : LARGEST;
      end
      cells[i] = sum[A_W-1:0];
      if (cells[i] >= unit) want_up = 1'b1;
      if (-cells[i] >= unit) want_down = 1'b1;
    end
  end
endtask

// One slot: cells that have reached the threshold are pulsed and it is taken off. SET slots first.
task automatic write_slot;
  reg [31:0] i;
  reg fires;
  reg again;
  reg signed [A_W-1:0] size;
  begin
    pol_now = want_up;
    again = 1'b0;
    for (i = 0; i < COLS; i = i + 1) begin
      size = pol_now ? cells[i] : -cells[i];
      fires = size >= unit;
      if (fires) size = size - unit;
      if (size >= unit) again = 1'b1;
      cells[i] = pol_now ? size : -size;
      col_fires[i] = {31'd0, fires} << (i & 31);
      hits = hits + {31'd0, fires};
    end
    pack_cols;
    rows_now[row] = 1'b1;
    slots_done = slots_done + 16'd1;
    if (!again || slots_done == max_pulses) begin
      if (pol_now) want_up = 1'b0;
      else want_down = 1'b0;
      slots_done = 16'd0;
    end
  end
endtask

task automatic cycle_accumulate;
  reg [31:0] i;
  reg changed;
  begin
    changed = 1'b0;
    if (enter) begin
      list_rows;
      want_up = 1'b0;
      want_down = 1'b0;
    end
    if (!want_up && !want_down && pending != 0) begin
      find_row;
      pending[row] = 1'b0;
      add_row;
      changed = 1'b1;
    end
    if (want_up || want_down) begin
      write_slot;
      changed = 1'b1;
    end
    if (changed) begin
      for (i = 0; i < COLS; i = i + 1) word[i*A_W +: A_W] = cells[i];
      store[row[STORE_INDEX-1:0]] <= word;
    end
    finished <= !want_up && !want_down && pending == 0;
  end
endtask

// What the host reads; looked at then only.
reg [COLS*A_W-1:0] shown_word;
reg [A_W-1:0]      shown_cell;
always @* begin
  shown_word = {COLS*A_W{1'b0}};
  shown_cell = {A_W{1'b0}};
  shown = 32'd0;
  if (ENGINES[U7]) begin
    if (show && engine == U7 && {17'd0, show_cell[28:14]} < ROWS &&
        {18'd0, show_cell[13:0]} < COLS) begin
      if (filled[show_cell[14 +: ROW_INDEX]]) shown_word = store[show_cell[14 +: STORE_INDEX]];
      shown_cell = shown_word[show_cell[13:0]*A_W +: A_W];
      shown = {{(32-A_W){shown_cell[A_W-1]}}, shown_cell};
    end
  end
end
