// Latches of the converter codes of the three samples, and what the update takes from them.
module memprop_latches #(
    parameter integer LINES = 10,
    parameter integer CHANNELS = 10,  // converters: lines whose codes come together
    parameter integer GROUP_W = 1,
    parameter integer ADC_W = 10
) (
    input  wire                   clk,
    input  wire                   rst_n,
    input  wire                   take_codes,    // at this edge, into the latch adc_bank
    input  wire [1:0]             adc_bank,
    input  wire [GROUP_W-1:0]     adc_group,     // of which lines
    input  wire [CHANNELS*ADC_W-1:0] codes,
    input  wire                   enter_update,  // this edge enters UPDATE: the codes below count
    input  wire                   product,
    input  wire                   predictive,    // rows from the positive latch, not the free one
    input  wire                   centred,
    input  wire                   nudge_negative,
    output reg  [LINES*ADC_W-1:0] latch_free,
    output reg  [LINES*ADC_W-1:0] latch_positive,
    output reg  [LINES*ADC_W-1:0] latch_negative,
    output reg  [LINES*ADC_W-1:0] first,         // at the columns; D has first - second
    output reg  [LINES*ADC_W-1:0] second,
    output reg  [LINES*ADC_W-1:0] below          // at the rows of the tiles but the lowest
); /* verilator inline_module */
  wire take_free = take_codes && adc_bank == 2'd0;
  wire take_positive = take_codes && adc_bank == 2'd1;
  wire take_negative = take_codes && adc_bank == 2'd2;

  // The latch that takes codes, after this edge.
  wire [LINES*ADC_W-1:0] taken;
  generate
    if (CHANNELS == LINES) begin : g_all
      wire unused = &{1'b0, adc_group};
      assign taken = codes;
    end else begin : g_groups
      reg [LINES*ADC_W-1:0] merged;
      integer k;
      always @* begin
        k = 0;
        merged = {LINES*ADC_W{1'b0}};
        if (take_codes) begin
          merged = take_free ? latch_free : take_positive ? latch_positive : latch_negative;
          for (k = 0; k < LINES; k = k + 1) begin
            if ({{(32-GROUP_W){1'b0}}, adc_group} == k / CHANNELS)
              merged[k*ADC_W +: ADC_W] = codes[(k % CHANNELS)*ADC_W +: ADC_W];
          end
        end
      end
      assign taken = merged;
    end
  endgenerate

  always @(posedge clk) begin
    if (take_free) latch_free <= taken;
    if (take_positive) latch_positive <= taken;
    if (take_negative) latch_negative <= taken;
    if (!rst_n) latch_free <= {LINES*ADC_W{1'b0}};
    if (!rst_n) latch_positive <= {LINES*ADC_W{1'b0}};
    if (!rst_n) latch_negative <= {LINES*ADC_W{1'b0}};
  end

  // What the update takes: codes latched at the edge that enters it count. Looked at then only, so
  // that a simulator does not select wide buses in every cycle.
  reg [LINES*ADC_W-1:0] free_now;
  reg [LINES*ADC_W-1:0] positive_now;
  reg [LINES*ADC_W-1:0] negative_now;
  wire swapped = !centred && nudge_negative;
  always @* begin
    free_now = {LINES*ADC_W{1'b0}};
    positive_now = {LINES*ADC_W{1'b0}};
    negative_now = {LINES*ADC_W{1'b0}};
    first = {LINES*ADC_W{1'b0}};
    second = {LINES*ADC_W{1'b0}};
    below = {LINES*ADC_W{1'b0}};
    if (enter_update) begin
      free_now = take_free ? taken : latch_free;
      positive_now = take_positive ? taken : latch_positive;
      negative_now = take_negative ? taken : latch_negative;
      first = swapped ? free_now : positive_now;
      second = centred ? negative_now : swapped ? positive_now : free_now;
      below = product ? first : predictive ? positive_now : free_now;
    end
  end
endmodule
