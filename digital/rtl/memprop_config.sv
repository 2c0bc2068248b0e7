// Configuration registers of the block "core" of digital/registers.toml, apart from the phase table
// (memprop_sequencer): mode, seed, limits, and the rates of the tiles. They keep their values in a
// reset; at power-up they are zero.
module memprop_config #(
    parameter integer TILES = 2
) (
    input  wire                clk,
    input  wire                reg_we,
    input  wire [19:0]         reg_addr,
    input  wire [31:0]         reg_wdata,
    input  wire [3:0]          reg_be,
    output reg  [31:0]         word,      // the register at reg_addr, 0 if it is none of these
    output reg  [2:0]          engine,
    output reg                 product,
    output reg                 centred,
    output reg                 random_sign,
    output reg                 predictive,
    output reg  [31:0]         seed,
    output reg  [15:0]         max_pulses,
    output reg  [15:0]         stream_length,
    output reg  [2:0]          average_log2,
    // tile t at bits t*width
    output reg  [TILES*16-1:0] rate_mantissa,
    output reg  [TILES*7-1:0]  rate_shift,
    output reg  [TILES*16-1:0] row_mantissa,
    output reg  [TILES*6-1:0]  row_shift,
    output reg  [TILES*16-1:0] col_mantissa,
    output reg  [TILES*6-1:0]  col_shift,
    output reg  [TILES*32-1:0] row_threshold,
    output reg  [TILES*32-1:0] col_threshold,
    output reg  [TILES*31-1:0] bias_code,
    output reg  [TILES*24-1:0] accumulate,
    output reg  [31:0]         accumulator_cell
);
  `include "memprop_registers.svh"
  `include "memprop_functions.svh"

  localparam [5:0] RATE = MEMPROP_TILE_RATE[5:0];
  localparam [5:0] ROW_RATE = MEMPROP_TILE_ROW_RATE[5:0];
  localparam [5:0] COL_RATE = MEMPROP_TILE_COL_RATE[5:0];
  localparam [5:0] ROW_THRESHOLD = MEMPROP_TILE_ROW_THRESHOLD[5:0];
  localparam [5:0] COL_THRESHOLD = MEMPROP_TILE_COL_THRESHOLD[5:0];
  localparam [5:0] BIAS_CODE = MEMPROP_TILE_BIAS_CODE[5:0];
  localparam [5:0] ACCUMULATE = MEMPROP_TILE_ACCUMULATE[5:0];

  wire in_tiles = reg_addr[19:9] == MEMPROP_TILE_BASE[19:9];
  wire [2:0] tile = reg_addr[8:6];
  wire [5:0] offset = reg_addr[5:0];
  wire [31:0] next = written(word, reg_wdata, reg_be);

  initial begin
    engine = 3'd0;
    product = 1'b0;
    centred = 1'b0;
    random_sign = 1'b0;
    predictive = 1'b0;
    seed = 32'd0;
    max_pulses = 16'd0;
    stream_length = 16'd0;
    average_log2 = 3'd0;
    rate_mantissa = {TILES{16'd0}};
    rate_shift = {TILES{7'd0}};
    row_mantissa = {TILES{16'd0}};
    row_shift = {TILES{6'd0}};
    col_mantissa = {TILES{16'd0}};
    col_shift = {TILES{6'd0}};
    row_threshold = {TILES{32'd0}};
    col_threshold = {TILES{32'd0}};
    bias_code = {TILES{31'd0}};
    accumulate = {TILES{24'd0}};
    accumulator_cell = 32'd0;
  end

  integer r;
  always @* begin
    word = 32'd0;
    if (reg_addr == MEMPROP_MODE)
      word = {25'd0, predictive, random_sign, centred, product, engine};
    if (reg_addr == MEMPROP_SEED) word = seed;
    if (reg_addr == MEMPROP_MAX_PULSES) word = {16'd0, max_pulses};
    if (reg_addr == MEMPROP_STREAM_LENGTH) word = {16'd0, stream_length};
    if (reg_addr == MEMPROP_AVERAGE) word = {29'd0, average_log2};
    if (reg_addr == MEMPROP_ACCUMULATOR_CELL) word = accumulator_cell;
    for (r = 0; r < TILES; r = r + 1) begin
      if (in_tiles && tile == r[2:0]) begin
        case (offset)
          RATE: word = {9'd0, rate_shift[r*7 +: 7], rate_mantissa[r*16 +: 16]};
          ROW_RATE: word = {10'd0, row_shift[r*6 +: 6], row_mantissa[r*16 +: 16]};
          COL_RATE: word = {10'd0, col_shift[r*6 +: 6], col_mantissa[r*16 +: 16]};
          ROW_THRESHOLD: word = row_threshold[r*32 +: 32];
          COL_THRESHOLD: word = col_threshold[r*32 +: 32];
          BIAS_CODE: word = {1'b0, bias_code[r*31 +: 31]};
          ACCUMULATE: word = {8'd0, accumulate[r*24 +: 24]};
          default: ;
        endcase
      end
    end
  end

  integer t;
  always @(posedge clk) begin
    if (reg_we) begin
      if (reg_addr == MEMPROP_MODE) begin
        engine <= next[MEMPROP_MODE_ENGINE_LSB +: 3];
        product <= next[MEMPROP_MODE_PRODUCT_LSB];
        centred <= next[MEMPROP_MODE_CENTRED_LSB];
        random_sign <= next[MEMPROP_MODE_RANDOM_SIGN_LSB];
        predictive <= next[MEMPROP_MODE_PREDICTIVE_LSB];
      end
      if (reg_addr == MEMPROP_SEED) seed <= next;
      if (reg_addr == MEMPROP_MAX_PULSES) max_pulses <= next[15:0];
      if (reg_addr == MEMPROP_STREAM_LENGTH) stream_length <= next[15:0];
      if (reg_addr == MEMPROP_AVERAGE) average_log2 <= next[2:0];
      if (reg_addr == MEMPROP_ACCUMULATOR_CELL) accumulator_cell <= next;
      for (t = 0; t < TILES; t = t + 1) begin
        if (in_tiles && tile == t[2:0]) begin
          case (offset)
            RATE: begin
              rate_mantissa[t*16 +: 16] <= next[15:0];
              rate_shift[t*7 +: 7] <= next[22:16];
            end
            ROW_RATE: begin
              row_mantissa[t*16 +: 16] <= next[15:0];
              row_shift[t*6 +: 6] <= next[21:16];
            end
            COL_RATE: begin
              col_mantissa[t*16 +: 16] <= next[15:0];
              col_shift[t*6 +: 6] <= next[21:16];
            end
            ROW_THRESHOLD: row_threshold[t*32 +: 32] <= next;
            COL_THRESHOLD: col_threshold[t*32 +: 32] <= next;
            BIAS_CODE: bias_code[t*31 +: 31] <= next[30:0];
            ACCUMULATE: accumulate[t*24 +: 24] <= next[23:0];
            default: ;
          endcase
        end
      end
    end
  end
endmodule
