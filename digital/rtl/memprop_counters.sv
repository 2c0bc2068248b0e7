// Counters of the block "core" of digital/registers.toml: 64 bits, zero after a reset. Reading the
// low word of one keeps its high word for the next read of a high word.
module memprop_counters #(
    parameter integer TILES = 2
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire                busy,        // after this edge
    input  wire                row_en,      // after this edge
    input  wire                done,        // this edge ends a sample
    input  wire                updating,    // the cycle that begins is one of UPDATE
    input  wire                take,        // this edge takes codes of the converters,
    input  wire [31:0]         lines_taken, // so many
    input  wire [TILES*64-1:0] pulses_up,   // tile t at bits 64*t
    input  wire [TILES*64-1:0] pulses_down,
    input  wire [TILES*64-1:0] clipped,
    input  wire                reg_re,
    input  wire [19:0]         reg_addr,
    output reg  [31:0]         word
);
  `include "memprop_registers.svh"

  localparam [5:0] UP = MEMPROP_TILE_PULSES_UP_LO[5:0];
  localparam [5:0] DOWN = MEMPROP_TILE_PULSES_DOWN_LO[5:0];

  reg [63:0] busy_cycles;
  reg [63:0] update_cycles;
  reg [63:0] row_cycles;
  reg [63:0] conversions;
  reg [63:0] samples;
  reg [31:0] kept;

  reg [63:0] value;       // of the counter that is addressed
  reg        is_counter;
  integer t;
  always @* begin
    t = 0;
    value = 64'd0;
    is_counter = 1'b0;
    if (reg_addr[19:6] == MEMPROP_BUSY_CYCLES_LO[19:6]) begin
      is_counter = 1'b1;
      case (reg_addr[5:3])
        MEMPROP_BUSY_CYCLES_LO[5:3]: value = busy_cycles;
        MEMPROP_UPDATE_CYCLES_LO[5:3]: value = update_cycles;
        MEMPROP_ROW_CYCLES_LO[5:3]: value = row_cycles;
        MEMPROP_CONVERSIONS_LO[5:3]: value = conversions;
        MEMPROP_PULSE_CLIPPED_LO[5:3]: begin
          for (t = 0; t < TILES; t = t + 1) value = value + clipped[t*64 +: 64];
        end
        MEMPROP_SAMPLES_LO[5:3]: value = samples;
        default: ;
      endcase
    end
    if (reg_addr[19:9] == MEMPROP_TILE_BASE[19:9] && reg_addr[5]) begin
      is_counter = 1'b1;
      for (t = 0; t < TILES; t = t + 1) begin
        if (reg_addr[8:6] == t[2:0] && reg_addr[5:3] == UP[5:3]) value = pulses_up[t*64 +: 64];
        if (reg_addr[8:6] == t[2:0] && reg_addr[5:3] == DOWN[5:3]) value = pulses_down[t*64 +: 64];
      end
    end
    word = 32'd0;
    if (is_counter) word = reg_addr[2] ? kept : value[31:0];
  end

  always @(posedge clk) begin
    if (!rst_n) begin
      busy_cycles <= 64'd0;
      update_cycles <= 64'd0;
      row_cycles <= 64'd0;
      conversions <= 64'd0;
      samples <= 64'd0;
      kept <= 32'd0;
    end else begin
      if (busy) busy_cycles <= busy_cycles + 64'd1;
      if (updating) update_cycles <= update_cycles + 64'd1;
      if (row_en) row_cycles <= row_cycles + 64'd1;
      if (take) conversions <= conversions + {32'd0, lines_taken};
      if (done) samples <= samples + 64'd1;
      if (reg_re && is_counter && !reg_addr[2]) kept <= value[63:32];
    end
  end

  wire unused = &{1'b0, reg_addr[1:0]};
endmodule
