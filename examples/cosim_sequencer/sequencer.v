// A controller for a chip with two tiles, in plain Verilog-2005: one-hot states, a pause after every
// conversion, and a row-serial update with at most one pulse a cell. It shares nothing with memprop's
// own controller but the pins of the digital/analog border.
//
// Parameters in capitals that memprop knows (INPUTS ... PULSE_RATE) are set for the network at hand;
// docs/cosimulation.md has the list.
`default_nettype none

module sequencer #(
    parameter INPUTS = 4,
    parameter OUTPUTS = 2,
    parameter LINES = 5,             // neurons of all layers: hidden and output
    parameter ROW_LINES = 7,         // INPUTS + hidden, one more each with bias
    parameter COL_LINES = 5,
    parameter BIAS = 0,
    parameter X_W = 8,
    parameter ADC_W = 10,
    parameter T_LOAD = 8,
    parameter T_FREE = 100,
    parameter T_SAMPLE = 4,
    parameter T_NUDGE_P = 50,
    parameter T_NUDGE_N = 60,        // 0: no negative phase, the free one counts instead
    parameter PAUSE = 3,             // cycles after each conversion
    parameter [63:0] PULSE_RATE = 0, // of each tile: pulses per code product, in 2^-32
    parameter FAULT = 0              // planted, to see what the protocol monitor says of it:
                                     // 1: the nudge is released a cycle before its sample ends
                                     // 2: a write strobe while a sample-and-hold tracks
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire                    start,
    input  wire                    train,
    input  wire [INPUTS*X_W-1:0]   x_in,
    input  wire                    adc_done,
    input  wire [LINES*ADC_W-1:0]  adc_data,
    output reg  [3:0]              phase,
    output reg                     x_dac_load,
    output reg                     row_en,
    output reg                     nudge_en,
    output reg                     nudge_sign,
    output reg  [2:0]              sh_en,
    output reg                     adc_start,
    output reg  [1:0]              adc_bank,
    output reg                     upd_en,
    output reg  [1:0]              upd_pol,
    output reg  [ROW_LINES-1:0]    row_pulse,
    output reg  [COL_LINES-1:0]    col_pulse,
    output reg                     busy,
    output reg                     done
);

  localparam HIDDEN = LINES - OUTPUTS;
  localparam ROWS0 = INPUTS + BIAS;
  localparam ROWS1 = HIDDEN + BIAS;
  localparam LAST_ROW = (ROWS0 > ROWS1 ? ROWS0 : ROWS1) - 1;
  localparam X_ONE = (1 << X_W) - 1;             // code of the bias rows
  localparam ADC_ONE = (1 << (ADC_W - 1)) - 1;

  localparam [8:0] S_IDLE = 9'b000000001, S_LOAD = 9'b000000010, S_SETTLE = 9'b000000100,
                   S_TRACK = 9'b000001000, S_CONVERT = 9'b000010000, S_PAUSE = 9'b000100000,
                   S_SET = 9'b001000000, S_RESET = 9'b010000000, S_READ = 9'b100000000;

  reg [8:0] state;
  reg [31:0] timer;    // cycles of the state still to come
  reg [1:0] bank;      // which state of the network: 0 free, 1 positive, 2 negative
  reg training;
  reg [31:0] row;      // row that the update works on
  reg [LINES*ADC_W-1:0] free_code, plus_code, minus_code;
  reg [COL_LINES*24-1:0] noise;  // a shift register per column

  // Eight steps of a 24-bit shift register (x^24 + x^23 + x^22 + x^17 + 1).
  function [23:0] shifted;
    input [23:0] from;
    integer step;
    begin
      shifted = from;
      for (step = 0; step < 8; step = step + 1)
        shifted = {1'b0, shifted[23:1]} ^ (shifted[0] ? 24'hE10000 : 24'h0);
    end
  endfunction

  // Whether a cell of the tile with the given rate gets a pulse: |x d| rate / 2^32 of the time.
  function fires;
    input [31:0] x;       // magnitude of the row's code
    input [31:0] d;       // magnitude of the column's difference
    input [31:0] rate;
    input [23:0] draw;
    reg [95:0] product;
    begin
      product = {64'b0, x} * {64'b0, d} * {64'b0, rate};
      fires = product > {64'b0, draw, 8'b0};
    end
  endfunction

  // What the columns want: c+ - c-.
  reg signed [ADC_W:0] difference;
  reg signed [ADC_W-1:0] hidden_code;
  reg [31:0] x0, x1, d;
  reg x1_negative, up;
  reg [ROW_LINES-1:0] next_rows;
  reg [COL_LINES-1:0] next_columns;
  reg polarity;
  integer i;

  always @* begin
    polarity = state == S_SET;
    next_rows = {ROW_LINES{1'b0}};
    next_columns = {COL_LINES{1'b0}};
    x0 = 0;
    x1 = 0;
    x1_negative = 1'b0;
    hidden_code = {ADC_W{1'b0}};
    difference = {(ADC_W + 1){1'b0}};
    d = 0;
    up = 1'b0;
    if (row < INPUTS) x0 = {{(32 - X_W){1'b0}}, x_in[row*X_W +: X_W]};
    else if (row < ROWS0) x0 = X_ONE;
    if (row < HIDDEN) begin
      hidden_code = free_code[row*ADC_W +: ADC_W];
      x1_negative = hidden_code[ADC_W-1];
      x1 = x1_negative ? -{{(32 - ADC_W){1'b1}}, hidden_code} : {{(32 - ADC_W){1'b0}}, hidden_code};
    end else if (row < ROWS1) x1 = ADC_ONE;
    for (i = 0; i < COL_LINES; i = i + 1) begin
      difference = $signed(plus_code[i*ADC_W +: ADC_W]) - $signed(minus_code[i*ADC_W +: ADC_W]);
      up = !difference[ADC_W];
      d = up ? {{(31 - ADC_W){1'b0}}, difference} : -{{(31 - ADC_W){1'b1}}, difference};
      if (i < HIDDEN)
        next_columns[i] = up == polarity && row < ROWS0 &&
                          fires(x0, d, PULSE_RATE[31:0], noise[i*24 +: 24]);
      else
        next_columns[i] = (up ^ x1_negative) == polarity && row < ROWS1 &&
                          fires(x1, d, PULSE_RATE[63:32], noise[i*24 +: 24]);
    end
    if (row < ROWS0 && next_columns[HIDDEN-1:0] != 0) next_rows[row] = 1'b1;
    if (row < ROWS1 && next_columns[COL_LINES-1:HIDDEN] != 0) next_rows[ROWS0 + row] = 1'b1;
  end

  always @(posedge clk) begin
    x_dac_load <= 1'b0;
    adc_start <= 1'b0;
    done <= 1'b0;
    upd_en <= 1'b0;
    row_pulse <= {ROW_LINES{1'b0}};
    col_pulse <= {COL_LINES{1'b0}};
    if (timer != 0) timer <= timer - 1;
    if (!rst_n) begin
      state <= S_IDLE;
      timer <= 0;
      phase <= 4'd0;
      busy <= 1'b0;
      row_en <= 1'b0;
      nudge_en <= 1'b0;
      nudge_sign <= 1'b0;
      sh_en <= 3'b0;
      adc_bank <= 2'd0;
      upd_pol <= 2'b0;
      bank <= 2'd0;
      training <= 1'b0;
      row <= 0;
      free_code <= {LINES*ADC_W{1'b0}};
      plus_code <= {LINES*ADC_W{1'b0}};
      minus_code <= {LINES*ADC_W{1'b0}};
      for (i = 0; i < COL_LINES; i = i + 1) noise[i*24 +: 24] <= 24'h05eed1 + 24'h1f351d * i[23:0];
    end else begin
      case (state)
        S_IDLE:
          if (start) begin
            state <= S_LOAD;
            phase <= 4'd1;
            busy <= 1'b1;
            training <= train;
            x_dac_load <= 1'b1;
            bank <= 2'd0;
            timer <= T_LOAD - 1;
          end
        S_LOAD:
          if (timer == 0) begin
            state <= S_SETTLE;
            phase <= 4'd2;
            row_en <= 1'b1;
            timer <= T_FREE - 1;
          end
        S_SETTLE:
          if (timer == 0) begin
            state <= S_TRACK;
            phase <= bank == 2'd0 ? 4'd3 : bank == 2'd1 ? 4'd5 : 4'd7;
            sh_en <= 3'b001 << bank;
            timer <= T_SAMPLE - 1;
          end
        S_TRACK: begin
          if (timer == (FAULT == 1 ? 1 : 0)) nudge_en <= 1'b0;
          if (timer == 0) begin
            state <= S_CONVERT;
            sh_en <= 3'b0;
            row_en <= 1'b0;
            nudge_sign <= 1'b0;
            adc_start <= 1'b1;
            adc_bank <= bank;
          end
        end
        S_CONVERT:
          if (adc_done && !adc_start) begin
            state <= S_PAUSE;
            timer <= PAUSE;
            case (bank)
              2'd0: free_code <= adc_data;
              2'd1: begin
                plus_code <= adc_data;
                if (T_NUDGE_N == 0) minus_code <= free_code;
              end
              default: minus_code <= adc_data;
            endcase
          end
        S_PAUSE:
          if (timer == 0) begin
            if (!training) begin
              state <= S_READ;
              phase <= 4'd9;
            end else if (bank == 2'd2 || (bank == 2'd1 && T_NUDGE_N == 0)) begin
              state <= S_SET;
              phase <= 4'd8;
              row <= 0;
            end else begin
              state <= S_SETTLE;
              phase <= bank == 2'd0 ? 4'd4 : 4'd6;
              timer <= bank == 2'd0 ? T_NUDGE_P - 1 : T_NUDGE_N - 1;
              row_en <= 1'b1;
              nudge_en <= 1'b1;
              nudge_sign <= bank == 2'd1;
              bank <= bank + 2'd1;
            end
          end
        S_SET, S_RESET: begin
          upd_pol <= {2{polarity}};
          upd_en <= next_rows != 0;
          row_pulse <= next_rows;
          // A column of a tile without a pulse in this slot stays low by itself.
          col_pulse <= next_columns;
          if (polarity) state <= S_RESET;
          else begin
            for (i = 0; i < COL_LINES; i = i + 1)
              noise[i*24 +: 24] <= shifted(noise[i*24 +: 24]);
            row <= row + 1;
            state <= row == LAST_ROW ? S_READ : S_SET;
          end
        end
        S_READ: begin
          state <= S_IDLE;
          phase <= 4'd0;
          busy <= 1'b0;
          done <= 1'b1;
          upd_pol <= 2'b0;
        end
        default: state <= S_IDLE;
      endcase
      if (FAULT == 2 && state == S_TRACK && bank == 2'd1 && timer == 2) begin
        upd_en <= 1'b1;
        row_pulse[0] <= 1'b1;
        col_pulse[0] <= 1'b1;
      end
    end
  end

endmodule
