// The passes of the coincidence circuits U2 and U3, the same for all tiles: in each, rows of one
// sign and columns of one sign take part, and all coincidences have one polarity.
//
//   index  row sign  column sign  polarity (first group; the second, of the product form, inverts)
//     0       +          +        SET
//     1       -          -        SET       left out with a single tile: its rows are unsigned
//     2       +          -        RESET
//     3       -          +        RESET     left out likewise
module memprop_pass_counter #(
    parameter integer TILES = 2
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        enter,    // this edge enters UPDATE
    input  wire        cycle,    // the cycle that begins at this edge is one of UPDATE
    input  wire        product,
    input  wire [15:0] length,   // slots of a pass
    // of the slot that begins at this edge
    output wire        first,    // of its pass
    output wire        restore,  // first of the second group: registers go back to their first states
    output wire        group,
    output wire        row_negative,
    output wire        col_negative,
    output wire        set,
    output reg         finished  // the present slot is the last of the update
);
  localparam [1:0] STRIDE = (TILES > 1) ? 2'd1 : 2'd2;
  localparam [1:0] LAST_INDEX = (TILES > 1) ? 2'd3 : 2'd2;

  reg        group_q;
  reg [1:0]  index_q;
  reg [15:0] slot_q;

  wire [1:0]  index = enter ? 2'd0 : index_q;
  wire [15:0] slot = enter ? 16'd0 : slot_q;
  wire        last_slot = slot + 16'd1 == length;
  wire        last_index = index == LAST_INDEX;

  assign group = enter ? 1'b0 : group_q;
  assign first = slot == 16'd0;
  assign restore = first && group && index == 2'd0;
  assign row_negative = index[0];
  assign col_negative = index == 2'd1 || index == 2'd2;
  assign set = index[1] == group;

  always @(posedge clk) begin
    if (!rst_n) begin
      group_q <= 1'b0;
      index_q <= 2'd0;
      slot_q <= 16'd0;
      finished <= 1'b0;
    end else if (cycle) begin
      slot_q <= slot + 16'd1;
      group_q <= group;
      index_q <= index;
      if (last_slot) begin
        slot_q <= 16'd0;
        index_q <= index + STRIDE;
        if (last_index) group_q <= 1'b1;
        if (last_index) index_q <= 2'd0;
      end
      finished <= last_slot && last_index && group == product;
    end
  end
endmodule
