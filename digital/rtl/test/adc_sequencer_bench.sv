// adc_sequencer against sums of the codes that its converters gave; prints "passed" at the end.
module adc_sequencer_bench #(
    parameter integer LINES = 10,
    parameter integer CHANNELS = 4,
    parameter integer DELAY = 3  // of the converters: conv_done in cycle DELAY, conv_start's is the first
);
  localparam integer ADC_W = 6;
  localparam integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS;
  localparam integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1;
  reg clk;
  reg rst_n;
  reg [2:0] average_log2;
  reg adc_start;
  wire adc_done;
  wire [LINES*ADC_W-1:0] adc_data;
  wire [GROUP_W-1:0] conv_group;
  wire conv_start;
  reg conv_done;
  reg [CHANNELS*ADC_W-1:0] conv_data;
  adc_sequencer #(
      .LINES(LINES),
      .CHANNELS(CHANNELS),
      .ADC_W(ADC_W)
  ) dut (
      .clk(clk),
      .rst_n(rst_n),
      .average_log2(average_log2),
      .adc_start(adc_start),
      .adc_done(adc_done),
      .adc_data(adc_data),
      .conv_group(conv_group),
      .conv_start(conv_start),
      .conv_done(conv_done),
      .conv_data(conv_data)
  );

  integer sum [0:LINES-1];
  integer left;
  integer line;
  integer c;
  integer k;
  integer cycles;
  integer expected;
  integer failures;
  integer value;
  reg signed [ADC_W-1:0] code;
  reg aborted;

  // One cycle: outputs settle, the converters answer, the edge follows.
  task cycle;
    begin
      #1;
      if (conv_start) left = DELAY;
      conv_done = left == 1;
      if (left > 0) left = left - 1;
      for (c = 0; c < CHANNELS; c = c + 1) begin
        code = $random;
        if (average_log2 == 3'd1) code = {1'b1, {(ADC_W-1){1'b0}}};
        conv_data[c*ADC_W +: ADC_W] = code;
        line = conv_group * CHANNELS + c;
        if (conv_done && line < LINES) sum[line] = sum[line] + code;
      end
      #1;
    end
  endtask
  task edge_of_clock;
    begin
      #4 clk = 1'b1;
      #4 clk = 1'b0;
    end
  endtask

  initial begin
    failures = 0;
    clk = 1'b0;
    rst_n = 1'b0;
    adc_start = 1'b0;
    conv_done = 1'b0;
    conv_data = 0;
    average_log2 = 3'd0;
    left = 0;
    for (k = 0; k < LINES; k = k + 1) sum[k] = 0;
    cycle;
    edge_of_clock;
    rst_n = 1'b1;
    for (value = 0; value < 60; value = value + 1) begin
      average_log2 = value % 5;
      aborted = value % 7 == 6;
      for (k = 0; k < LINES; k = k + 1) sum[k] = 0;
      cycles = 0;
      adc_start = 1'b1;
      cycle;
      cycles = 1;
      while (!adc_done && cycles < 10000 && !(aborted && cycles == 2)) begin
        edge_of_clock;
        adc_start = 1'b0;
        cycle;
        cycles = cycles + 1;
      end
      if (aborted) begin
        rst_n = 1'b0;
        adc_start = 1'b0;
        edge_of_clock;
        rst_n = 1'b1;
        left = 0;
        conv_done = 1'b0;
      end else begin
        expected = GROUPS * (1 << average_log2) * DELAY + 1;
        if (GROUPS == 1 && average_log2 == 0) expected = DELAY;
        if (cycles != expected) begin
          $display("expected adc_done in cycle %0d, found %0d", expected, cycles);
          failures = failures + 1;
        end
        for (k = 0; k < LINES; k = k + 1) begin
          code = adc_data[k*ADC_W +: ADC_W];
          expected = (sum[k] + ((1 << average_log2) >> 1)) >>> average_log2;
          if (code != expected) begin
            $display("line %0d: expected %0d, found %0d", k, expected, code);
            failures = failures + 1;
          end
        end
        edge_of_clock;
        adc_start = 1'b0;
        cycle;
        edge_of_clock;
      end
    end
    if (failures == 0) $display("passed");
    $finish;
  end
endmodule
