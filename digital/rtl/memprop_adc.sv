// Conversions of a sampled state by fewer converters than lines, and averages of several conversions
// (digital/conversion_sequencer.hpp): in group g, converter c digitises line g*CHANNELS + c; each
// group is converted 2^average_log2 times in a row, and a code is the rounded mean (ties upwards).
//
// adc_start is high for the first cycle of a conversion row and again two edges after an adc_done
// that was not the row's last; adc_group changes one edge before. A converter that answers within
// T - 1 cycles needs rows of GROUPS 2^average_log2 T cycles.
module memprop_adc #(
    parameter integer LINES = 10,
    parameter integer CHANNELS = 10,
    parameter integer ADC_W = 10,
    // Of the parameters above: do not set.
    parameter integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS,
    parameter integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
    input  wire                      clk,
    input  wire                      rst_n,
    input  wire [2:0]                average_log2,   // 0 to 4, larger is 4; steady while busy
    input  wire                      entering,       // this edge enters a row of the phase table
    input  wire                      converts,       // that row converts
    // the border
    input  wire                      adc_done,
    input  wire [CHANNELS*ADC_W-1:0] adc_data,
    output reg                       adc_start,
    output reg  [GROUP_W-1:0]        adc_group,      // setting of the converters' multiplexers
    // latches and counters
    output wire                      take,           // this edge takes codes of the converters
    output wire [31:0]               lines_taken,    // of so many lines
    output wire                      take_codes,     // this edge ends a group: its lines' codes are
    output reg  [CHANNELS*ADC_W-1:0] codes,          // these
    output wire                      codes_missing   // this edge leaves a row before its last ones
); /* verilator inline_module */
  localparam integer SUM_W = ADC_W + 4;
  localparam [GROUP_W-1:0] LAST_GROUP = GROUPS[GROUP_W-1:0] - 1'b1;
  localparam integer LAST_LINES = LINES - (GROUPS - 1) * CHANNELS;

  reg                      awaiting;  // between adc_start and adc_done
  reg                      again;     // the next conversion starts at the next edge
  reg [3:0]                count;     // conversions of the group so far
  reg [CHANNELS*SUM_W-1:0] sums;

  wire [2:0] shift = average_log2[2] ? 3'd4 : average_log2;
  wire [4:0] times = 5'd1 << shift;
  wire [4:0] half = times >> 1;
  wire last_of_group = {1'b0, count} + 5'd1 == times;
  wire last_group = adc_group == LAST_GROUP;

  assign take = rst_n && awaiting && adc_done;
  assign take_codes = take && last_of_group;
  assign lines_taken = last_group ? LAST_LINES[31:0] : CHANNELS[31:0];
  assign codes_missing = rst_n && entering && (again || (awaiting && !(take_codes && last_group)));

  // Sums are looked at when a conversion ends, so that a simulator does not add in every cycle.
  integer c;
  reg signed [SUM_W-1:0]   sum;
  reg [CHANNELS*SUM_W-1:0] sums_next;
  always @* begin
    c = 0;
    codes = adc_data;
    sums_next = {CHANNELS*SUM_W{1'b0}};
    sum = {SUM_W{1'b0}};
    if (take && average_log2 != 3'd0) begin
      for (c = 0; c < CHANNELS; c = c + 1) begin
        sum = sums[c*SUM_W +: SUM_W];
        sum = sum + {{4{adc_data[c*ADC_W + ADC_W - 1]}}, adc_data[c*ADC_W +: ADC_W]};
        sums_next[c*SUM_W +: SUM_W] = sum;
        sum = (sum + {{(SUM_W-5){1'b0}}, half}) >>> shift;
        codes[c*ADC_W +: ADC_W] = sum[ADC_W-1:0];
      end
    end
  end

  always @(posedge clk) begin
    adc_start <= 1'b0;
    if (again) begin
      again <= 1'b0;
      awaiting <= 1'b1;
      adc_start <= 1'b1;
    end
    if (take) begin
      awaiting <= 1'b0;
      again <= !(last_of_group && last_group);
      count <= last_of_group ? 4'd0 : count + 4'd1;
      sums <= last_of_group ? {CHANNELS*SUM_W{1'b0}} : sums_next;
      if (last_of_group) adc_group <= last_group ? {GROUP_W{1'b0}} : adc_group + 1'b1;
    end
    if (entering) begin
      adc_start <= converts;
      awaiting <= converts;
      again <= 1'b0;
      count <= 4'd0;
      sums <= {CHANNELS*SUM_W{1'b0}};
      adc_group <= {GROUP_W{1'b0}};
    end
  end
endmodule
