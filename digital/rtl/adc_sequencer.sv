// Fewer converters than lines, and averages: stands between memprop_controller's ADC pins (adc_start,
// adc_done, adc_data) and CHANNELS converters. In group g, converter c digitises line g*CHANNELS + c;
// each group is converted 2^average_log2 times, and a code is the rounded mean (ties upwards).
//
// With a converter for each line and no averaging everything passes straight through. Else, with
// converters that answer T cycles after conv_start (T = 1: at the end of the cycle in which it is
// high), adc_done comes after GROUPS 2^average_log2 T + 1 cycles, counted from the cycle of adc_start;
// the conversion rows of the phase table must be that long.
module adc_sequencer #(
    parameter integer LINES = 10,
    parameter integer CHANNELS = 4,
    parameter integer ADC_W = 10,
    // Of the parameters above: do not set.
    parameter integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS,
    parameter integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
    input  wire                      clk,
    input  wire                      rst_n,
    input  wire [2:0]                average_log2,  // 0 to 4; steady while busy
    // controller
    input  wire                      adc_start,
    output wire                      adc_done,
    output wire [LINES*ADC_W-1:0]    adc_data,
    // converters, which work in step
    output wire [GROUP_W-1:0]        conv_group,    // setting of their multiplexers
    output wire                      conv_start,
    input  wire                      conv_done,
    input  wire [CHANNELS*ADC_W-1:0] conv_data
);
  localparam integer SUM_W = ADC_W + 4;
  localparam [GROUP_W-1:0] LAST_GROUP = GROUPS[GROUP_W-1:0] - 1'b1;

  reg                      active;
  reg [GROUP_W-1:0]        group;
  reg [3:0]                count;    // conversions of the group so far
  reg                      again;    // start the next conversion in this cycle
  reg                      ready;
  reg [CHANNELS*SUM_W-1:0] sums;
  reg [LINES*ADC_W-1:0]    data;

  wire direct = GROUPS == 1 && average_log2 == 3'd0;
  wire [4:0] times = 5'd1 << average_log2;
  wire [4:0] half = times >> 1;
  wire last_of_group = {1'b0, count} + 5'd1 == times;
  wire running = active || adc_start;

  assign conv_start = adc_start || again;
  assign conv_group = active ? group : {GROUP_W{1'b0}};
  assign adc_done = direct ? conv_done : ready;

  generate
    if (GROUPS == 1) begin : g_direct
      assign adc_data = direct ? conv_data[LINES*ADC_W-1:0] : data;
    end else begin : g_collected
      assign adc_data = data;
    end
  endgenerate

  integer c;
  reg [ADC_W-1:0] code;
  reg signed [SUM_W:0] sum;
  always @(posedge clk) begin
    again <= 1'b0;
    ready <= 1'b0;
    if (!rst_n) begin
      active <= 1'b0;
      group <= {GROUP_W{1'b0}};
      count <= 4'd0;
      sums <= {CHANNELS*SUM_W{1'b0}};
      data <= {LINES*ADC_W{1'b0}};
    end else if (running && !direct) begin
      active <= 1'b1;
      if (conv_done) begin
        again <= 1'b1;
        count <= count + 4'd1;
        for (c = 0; c < CHANNELS; c = c + 1) begin
          // verilator lint_off BLKSEQ
          code = conv_data[c*ADC_W +: ADC_W];
          sum = {sums[c*SUM_W + SUM_W - 1], sums[c*SUM_W +: SUM_W]};
          sum = sum + {{(SUM_W-ADC_W+1){code[ADC_W-1]}}, code};
          sums[c*SUM_W +: SUM_W] <= sum[SUM_W-1:0];
          if (last_of_group) begin
            sums[c*SUM_W +: SUM_W] <= {SUM_W{1'b0}};
            sum = (sum + {{(SUM_W-4){1'b0}}, half}) >>> average_log2;
            if (conv_group * CHANNELS + c < LINES) begin
              data[(conv_group * CHANNELS + c) * ADC_W +: ADC_W] <= sum[ADC_W-1:0];
            end
          end
          // verilator lint_on BLKSEQ
        end
        if (last_of_group) begin
          count <= 4'd0;
          group <= conv_group + 1'b1;
          if (conv_group == LAST_GROUP) begin
            active <= 1'b0;
            again <= 1'b0;
            ready <= 1'b1;
            group <= {GROUP_W{1'b0}};
          end
        end
      end
    end
  end

  wire unused = &{1'b0, conv_data};
endmodule
