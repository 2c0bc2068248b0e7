// memprop_adc against sums of the codes that its converters gave; prints "passed" at the end.
module memprop_adc_bench #(
    parameter integer LINES = 10,
    parameter integer CHANNELS = 4,
    parameter integer DELAY = 3  // of the converters: adc_done in cycle DELAY, adc_start's is the first
);
  localparam integer ADC_W = 6;
  localparam integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS;
  localparam integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1;
  reg clk;
  reg rst_n;
  reg [2:0] average_log2;
  reg entering;
  reg converts;
  reg adc_done;
  reg [CHANNELS*ADC_W-1:0] adc_data;
  wire adc_start;
  wire [GROUP_W-1:0] adc_group;
  wire take;
  wire [31:0] lines_taken;
  wire take_codes;
  wire [CHANNELS*ADC_W-1:0] codes;
  wire codes_missing;
  memprop_adc #(
      .LINES(LINES),
      .CHANNELS(CHANNELS),
      .ADC_W(ADC_W)
  ) dut (
      .clk(clk),
      .rst_n(rst_n),
      .average_log2(average_log2),
      .entering(entering),
      .converts(converts),
      .adc_done(adc_done),
      .adc_data(adc_data),
      .adc_start(adc_start),
      .adc_group(adc_group),
      .take(take),
      .lines_taken(lines_taken),
      .take_codes(take_codes),
      .codes(codes),
      .codes_missing(codes_missing)
  );

  integer sum [0:LINES-1];
  integer converted [0:LINES-1];
  integer found [0:LINES-1];
  integer left;
  integer line;
  integer c;
  integer k;
  integer cycle;
  integer length;
  integer total;
  integer taken;
  integer failures;
  integer value;
  integer expected;
  reg signed [ADC_W-1:0] code;
  reg short;
  reg missing;

  // One cycle and the edge that ends it: outputs settle, the converters answer.
  task edge_of_clock;
    begin
      #1;
      if (adc_start) left = DELAY;
      adc_done = left == 1;
      if (left > 0) left = left - 1;
      for (c = 0; c < CHANNELS; c = c + 1) begin
        code = $random;
        if (average_log2 == 3'd1) code = {1'b1, {(ADC_W-1){1'b0}}};
        if (average_log2 == 3'd2) code = {1'b0, {(ADC_W-1){1'b1}}};
        adc_data[c*ADC_W +: ADC_W] = code;
        line = adc_group * CHANNELS + c;
        if (adc_done && line < LINES) begin
          sum[line] = sum[line] + code;
          converted[line] = converted[line] + 1;
        end
      end
      #1;
      if (take) taken = taken + lines_taken;
      if (codes_missing) missing = 1'b1;
      if (take_codes) begin
        for (c = 0; c < CHANNELS; c = c + 1) begin
          line = adc_group * CHANNELS + c;
          code = codes[c*ADC_W +: ADC_W];
          if (line < LINES) found[line] = code;
        end
      end
      #4 clk = 1'b1;
      #4 clk = 1'b0;
    end
  endtask

  initial begin
    failures = 0;
    clk = 1'b0;
    rst_n = 1'b0;
    entering = 1'b1;
    converts = 1'b0;
    adc_done = 1'b0;
    adc_data = 0;
    average_log2 = 3'd0;
    left = 0;
    for (k = 0; k < LINES; k = k + 1) sum[k] = 0;
    edge_of_clock;
    rst_n = 1'b1;
    for (value = 0; value < 60; value = value + 1) begin
      average_log2 = value % 5;
      total = GROUPS * (1 << average_log2);
      // DELAY cycles of each conversion, and one between two.
      length = total * (DELAY + 1) - 1;
      short = value % 7 == 6;  // the row ends an edge too early
      if (short) length = length - 1;
      taken = 0;
      missing = 1'b0;
      for (k = 0; k < LINES; k = k + 1) begin
        sum[k] = 0;
        converted[k] = 0;
        found[k] = 1000;
      end
      left = 0;
      entering = 1'b1;
      converts = 1'b1;
      edge_of_clock;
      missing = 1'b0;
      entering = 1'b0;
      for (cycle = 1; cycle < length; cycle = cycle + 1) edge_of_clock;
      entering = 1'b1;
      converts = 1'b0;
      edge_of_clock;
      entering = 1'b0;
      if (missing != short) begin
        $display("row of %0d cycles: codes_missing is %0d", length, missing);
        failures = failures + 1;
      end
      if (!short) begin
        if (taken != LINES * (1 << average_log2)) begin
          $display("expected %0d codes, found %0d", LINES * (1 << average_log2), taken);
          failures = failures + 1;
        end
        for (k = 0; k < LINES; k = k + 1) begin
          expected = (sum[k] + ((1 << average_log2) >> 1)) >>> average_log2;
          if (found[k] != expected || converted[k] != 1 << average_log2) begin
            $display("line %0d: expected %0d, found %0d", k, expected, found[k]);
            failures = failures + 1;
          end
        end
      end
      // Nothing more happens in a row without conversions.
      for (cycle = 0; cycle < 2 * DELAY; cycle = cycle + 1) begin
        edge_of_clock;
        if (adc_start || take) failures = failures + 1;
      end
    end
    if (failures == 0) $display("passed");
    $finish;
  end
endmodule
