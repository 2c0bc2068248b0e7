// The chip's controller: phase sequencer, input loader, latches of the converter codes and an update
// circuit per tile. Specification: digital/README.md; it equals digital::Controller pin by pin and
// cycle by cycle. Host registers: digital/registers.toml, block "core".
//
// Buses are flattened, the first line, layer or tile in the lowest bits; offsets of the tiles are
// row_offset(t) and col_offset(t). All outputs are registers (upd_en, *_change: of few registers).
module memprop_controller #(
    parameter integer TILES = 2,
    parameter [9*32-1:0] WIDTHS = {192'd0, 32'd2, 32'd8, 32'd2},  // of layer k at bits 32k
    parameter integer BIAS = 0,          // 1: each tile has a bias row after the others
    parameter integer X_W = 8,           // bits of an input code, unsigned
    parameter integer ADC_W = 10,        // bits of a converter code, two's complement
    parameter integer CHANNELS = columns_below(TILES),  // converters, 1 to LINES
    parameter integer PHASE_ROWS = 32,   // of the phase table's memory
    parameter [7:0] ENGINES = 8'h0f,     // bit k: engine k of MODE.ENGINE is built in
    parameter integer ACCUMULATOR_BITS = 8,  // of a cell's accumulator (engine 4), 2 to 24
    parameter integer RUNTIME_SEED = 1,  // 1: a reset computes the seeds from the register SEED
    parameter [31:0] RESET_SEED = 32'd1, // 0: they are constants, of this seed
    // Of the parameters above: do not set.
    parameter integer INPUTS = WIDTHS[31:0],
    parameter integer LINES = columns_below(TILES),
    parameter integer ROW_LINES = rows_below(TILES),
    parameter integer GROUPS = (LINES + CHANNELS - 1) / CHANNELS,
    parameter integer GROUP_W = (GROUPS > 1) ? $clog2(GROUPS) : 1
) (
    input  wire                   clk,
    input  wire                   rst_n,   // keeps configuration, table and images
    input  wire                   start,
    input  wire                   train,
    input  wire                   x_bank,  // with start: bank of the input codes
    input  wire                   adc_done,
    input  wire [CHANNELS*ADC_W-1:0] adc_data,
    output wire [3:0]             phase,
    output wire                   x_dac_load,
    output wire [INPUTS*X_W-1:0]  x_code,
    output wire                   row_en,
    output wire                   nudge_en,
    output wire                   nudge_sign,
    output wire [2:0]             sh_en,
    output wire                   adc_start,
    output wire [1:0]             adc_bank,
    output wire [GROUP_W-1:0]     adc_group,  // converter c digitises line adc_group*CHANNELS + c
    output wire                   upd_en,
    output wire [TILES-1:0]       upd_pol,
    output wire [ROW_LINES-1:0]   row_pulse,
    output wire [LINES-1:0]       col_pulse,
    output wire                   row_pulse_change,  // lines differ from those of the last cycle
    output wire                   col_pulse_change,
    output wire                   busy,
    output wire                   done,
    // host: a write is done at the edge; a read shows its word from the edge to the next read
    input  wire                   reg_we,
    input  wire                   reg_re,
    input  wire [19:0]            reg_addr,  // in bytes, a multiple of 4
    input  wire [31:0]            reg_wdata,
    input  wire [3:0]             reg_be,
    output reg  [31:0]            reg_rdata
);
  `include "memprop_registers.svh"

  function automatic integer width(input integer layer);
    width = WIDTHS[32*layer +: 32];
  endfunction
  function automatic integer columns_below(input integer tile);
    integer k;
    begin
      columns_below = 0;
      for (k = 1; k <= tile; k = k + 1) columns_below = columns_below + width(k);
    end
  endfunction
  function automatic integer rows_below(input integer tile);
    integer k;
    begin
      rows_below = 0;
      for (k = 0; k < tile; k = k + 1) rows_below = rows_below + width(k) + BIAS;
    end
  endfunction

  // ---------------------------------------------------------------- configuration
  wire [2:0]          engine;
  wire                product;
  wire                centred;
  wire                random_sign;
  wire                predictive;
  wire [31:0]         seed;
  wire [15:0]         max_pulses;
  wire [15:0]         stream_length;
  wire [2:0]          average_log2;
  wire [TILES*16-1:0] rate_mantissa;
  wire [TILES*7-1:0]  rate_shift;
  wire [TILES*16-1:0] row_mantissa;
  wire [TILES*6-1:0]  row_shift;
  wire [TILES*16-1:0] col_mantissa;
  wire [TILES*6-1:0]  col_shift;
  wire [TILES*32-1:0] row_threshold;
  wire [TILES*32-1:0] col_threshold;
  wire [TILES*31-1:0] bias_code;
  wire [TILES*24-1:0] accumulate;
  wire [31:0]         accumulator_cell;
  wire [31:0]         config_word;
  memprop_config #(
      .TILES(TILES)
  ) configuration (
      .clk(clk),
      .reg_we(reg_we),
      .reg_addr(reg_addr),
      .reg_wdata(reg_wdata),
      .reg_be(reg_be),
      .word(config_word),
      .engine(engine),
      .product(product),
      .centred(centred),
      .random_sign(random_sign),
      .predictive(predictive),
      .seed(seed),
      .max_pulses(max_pulses),
      .stream_length(stream_length),
      .average_log2(average_log2),
      .rate_mantissa(rate_mantissa),
      .rate_shift(rate_shift),
      .row_mantissa(row_mantissa),
      .row_shift(row_shift),
      .col_mantissa(col_mantissa),
      .col_shift(col_shift),
      .row_threshold(row_threshold),
      .col_threshold(col_threshold),
      .bias_code(bias_code),
      .accumulate(accumulate),
      .accumulator_cell(accumulator_cell)
  );

  // ---------------------------------------------------------------- sequence
  localparam [2:0] U1 = MEMPROP_MODE_ENGINE_PULSE_COUNT;
  localparam [2:0] U2 = MEMPROP_MODE_ENGINE_STOCHASTIC;
  localparam [2:0] U3 = MEMPROP_MODE_ENGINE_SIGN_SIGN;
  localparam [2:0] U7 = MEMPROP_MODE_ENGINE_ACCUMULATE;

  wire             nudge_negative;
  wire             begin_sample;
  wire             entering;
  wire             converts;
  wire             enter_update;
  wire             cycle_update;
  wire             leave_update;
  wire             busy_next;
  wire             row_en_next;
  wire             done_next;
  wire [31:0]      table_word;
  wire [TILES-1:0] tile_finished;
  wire             passes_finished;
  reg              update_finished;
  always @* begin
    case (engine)
      U1: update_finished = &tile_finished;
      U2: update_finished = passes_finished;
      U3: update_finished = passes_finished;
      U7: update_finished = &tile_finished;
      default: update_finished = 1'b1;
    endcase
  end

  memprop_sequencer #(
      .PHASE_ROWS(PHASE_ROWS),
      .RUNTIME_SEED(RUNTIME_SEED),
      .RESET_SEED(RESET_SEED)
  ) sequencer (
      .clk(clk),
      .rst_n(rst_n),
      .reg_we(reg_we),
      .reg_addr(reg_addr),
      .reg_wdata(reg_wdata),
      .reg_be(reg_be),
      .word(table_word),
      .random_sign(random_sign),
      .seed(seed),
      .start(start),
      .train(train),
      .update_finished(update_finished),
      .phase(phase),
      .x_dac_load(x_dac_load),
      .row_en(row_en),
      .nudge_en(nudge_en),
      .nudge_sign(nudge_sign),
      .sh_en(sh_en),
      .adc_bank(adc_bank),
      .busy(busy),
      .done(done),
      .nudge_negative(nudge_negative),
      .begin_sample(begin_sample),
      .entering(entering),
      .converts(converts),
      .enter_update(enter_update),
      .cycle_update(cycle_update),
      .leave_update(leave_update),
      .busy_next(busy_next),
      .row_en_next(row_en_next),
      .done_next(done_next)
  );

  // ---------------------------------------------------------------- conversions
  wire                      take;
  wire [31:0]               lines_taken;
  wire                      take_codes;
  wire [CHANNELS*ADC_W-1:0] codes;
  wire                      codes_missing;
  memprop_adc #(
      .LINES(LINES),
      .CHANNELS(CHANNELS),
      .ADC_W(ADC_W)
  ) adc (
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

  // ---------------------------------------------------------------- input codes
  wire [31:0]           image_word;
  memprop_image #(
      .INPUTS(INPUTS),
      .X_W(X_W)
  ) image (
      .clk(clk),
      .reg_we(reg_we),
      .reg_addr(reg_addr),
      .reg_wdata(reg_wdata),
      .reg_be(reg_be),
      .word(image_word),
      .take(begin_sample),
      .bank(x_bank),
      .x_code(x_code)
  );

  // ---------------------------------------------------------------- latches of the samples
  wire [LINES*ADC_W-1:0] latch_free;
  wire [LINES*ADC_W-1:0] latch_positive;
  wire [LINES*ADC_W-1:0] latch_negative;
  wire [LINES*ADC_W-1:0] first;
  wire [LINES*ADC_W-1:0] second;
  wire [LINES*ADC_W-1:0] below;
  wire unused = &{1'b0, below};
  memprop_latches #(
      .LINES(LINES),
      .CHANNELS(CHANNELS),
      .GROUP_W(GROUP_W),
      .ADC_W(ADC_W)
  ) latches (
      .clk(clk),
      .rst_n(rst_n),
      .take_codes(take_codes),
      .adc_bank(adc_bank),
      .adc_group(adc_group),
      .codes(codes),
      .enter_update(enter_update),
      .product(product),
      .predictive(predictive),
      .centred(centred),
      .nudge_negative(nudge_negative),
      .latch_free(latch_free),
      .latch_positive(latch_positive),
      .latch_negative(latch_negative),
      .first(first),
      .second(second),
      .below(below)
  );

  // ---------------------------------------------------------------- update circuits
  wire        pass_first;
  wire        pass_restore;
  wire        pass_group;
  wire        row_negative;
  wire        col_negative;
  wire        pass_set;
  wire [15:0] pass_length = (engine == U2) ? stream_length : 16'd1;
  memprop_pass_counter #(
      .TILES(TILES)
  ) passes (
      .clk(clk),
      .rst_n(rst_n),
      .enter(enter_update),
      .cycle(cycle_update),
      .product(product),
      .length(pass_length),
      .first(pass_first),
      .restore(pass_restore),
      .group(pass_group),
      .row_negative(row_negative),
      .col_negative(col_negative),
      .set(pass_set),
      .finished(passes_finished)
  );

  wire [TILES-1:0]    tile_high;
  wire [TILES-1:0]    tile_row_change;
  wire [TILES-1:0]    tile_col_change;
  wire [TILES*64-1:0] pulses_up;
  wire [TILES*64-1:0] pulses_down;
  wire [TILES*64-1:0] clipped;
  wire [TILES*32-1:0] shown;
  wire                show_accumulator = reg_re && reg_addr == MEMPROP_ACCUMULATOR;
  assign upd_en = |tile_high;
  assign row_pulse_change = |tile_row_change;
  assign col_pulse_change = |tile_col_change;

  genvar t;
  generate
    for (t = 0; t < TILES; t = t + 1) begin : g_tile
      localparam integer BELOW = width(t);
      localparam integer COLS = width(t + 1);
      localparam integer ROWS = BELOW + BIAS;
      localparam integer CODE_W = (t == 0) ? X_W : ADC_W;
      localparam integer COL0 = columns_below(t);
      localparam integer ROW0 = rows_below(t);
      wire [BELOW*CODE_W-1:0] row_first;
      wire [BELOW*CODE_W-1:0] row_second;
      if (t == 0) begin : g_rows
        assign row_first = x_code;
        assign row_second = x_code;
      end else begin : g_rows
        assign row_first = below[(COL0-BELOW)*ADC_W +: BELOW*ADC_W];
        assign row_second = second[(COL0-BELOW)*ADC_W +: BELOW*ADC_W];
      end
      memprop_tile #(
          .TILE(t),
          .INPUTS(BELOW),
          .COLS(COLS),
          .BIAS(BIAS),
          .CODE_W(CODE_W),
          .ADC_W(ADC_W),
          .ENGINES(ENGINES),
          .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
          .RUNTIME_SEED(RUNTIME_SEED),
          .RESET_SEED(RESET_SEED)
      ) tile (
          .clk(clk),
          .rst_n(rst_n),
          .seed(seed),
          .engine(engine),
          .product(product),
          .max_pulses(max_pulses),
          .rate_mantissa(rate_mantissa[t*16 +: 16]),
          .rate_shift(rate_shift[t*7 +: 7]),
          .row_mantissa(row_mantissa[t*16 +: 16]),
          .row_shift(row_shift[t*6 +: 6]),
          .col_mantissa(col_mantissa[t*16 +: 16]),
          .col_shift(col_shift[t*6 +: 6]),
          .row_threshold(row_threshold[t*32 +: 32]),
          .col_threshold(col_threshold[t*32 +: 32]),
          .bias_code(bias_code[t*31 +: 31]),
          .threshold(accumulate[t*24 +: 24]),
          .show(show_accumulator && accumulator_cell[31:29] == t[2:0]),
          .show_cell(accumulator_cell[28:0]),
          .shown(shown[t*32 +: 32]),
          .row_first(row_first),
          .row_second(row_second),
          .col_first(first[COL0*ADC_W +: COLS*ADC_W]),
          .col_second(second[COL0*ADC_W +: COLS*ADC_W]),
          .enter(enter_update),
          .cycle(cycle_update),
          .leave(leave_update),
          .pass_first(pass_first),
          .pass_restore(pass_restore),
          .pass_group(pass_group),
          .row_negative(row_negative),
          .col_negative(col_negative),
          .pass_set(pass_set),
          .row_pulse(row_pulse[ROW0 +: ROWS]),
          .col_pulse(col_pulse[COL0 +: COLS]),
          .pol(upd_pol[t]),
          .high(tile_high[t]),
          .row_change(tile_row_change[t]),
          .col_change(tile_col_change[t]),
          .finished(tile_finished[t]),
          .pulses_up(pulses_up[t*64 +: 64]),
          .pulses_down(pulses_down[t*64 +: 64]),
          .clipped(clipped[t*64 +: 64])
      );
    end
  endgenerate

  // ---------------------------------------------------------------- counters and reading
  wire [31:0] counter_word;
  memprop_counters #(
      .TILES(TILES)
  ) counters (
      .clk(clk),
      .rst_n(rst_n),
      .busy(busy_next),
      .row_en(row_en_next),
      .done(done_next),
      .updating(cycle_update),
      .take(take),
      .lines_taken(lines_taken),
      .pulses_up(pulses_up),
      .pulses_down(pulses_down),
      .clipped(clipped),
      .reg_re(reg_re),
      .reg_addr(reg_addr),
      .word(counter_word)
  );

  reg [31:0] shown_word;
  integer s;
  always @* begin
    shown_word = 32'd0;
    for (s = 0; s < TILES; s = s + 1) shown_word = shown_word | shown[s*32 +: 32];
  end
  // Without the engine nothing ever triggers the blocks before it, and `shown` stays unknown.
  wire [31:0] accumulator_word = ENGINES[U7] ? shown_word : 32'd0;

  // What went wrong at the pins, until a reset: a start while busy (refused), and a conversion row
  // that ended without codes (the latch kept the old ones). Not in the map of the bus.
  localparam [19:0] FAULTS = 20'h60000;
  reg start_refused;
  reg codes_lost;
  always @(posedge clk) begin
    if (start && busy) start_refused <= 1'b1;
    if (codes_missing) codes_lost <= 1'b1;
    if (!rst_n) start_refused <= 1'b0;
    if (!rst_n) codes_lost <= 1'b0;
  end

  localparam integer LINE_W = (LINES > 1) ? $clog2(LINES) : 1;
  wire [LINE_W-1:0] reg_line = reg_addr[2 +: LINE_W];
  wire [3:0]        reg_area = reg_addr[19:16];
  reg [ADC_W-1:0]   code;
  initial reg_rdata = 32'd0;
  always @(posedge clk) begin
    if (reg_re) begin
      // verilator lint_off BLKSEQ
      code = latch_free[reg_line*ADC_W +: ADC_W];
      if (reg_area == MEMPROP_POSITIVE_CODE[19:16]) code = latch_positive[reg_line*ADC_W +: ADC_W];
      if (reg_area == MEMPROP_NEGATIVE_CODE[19:16]) code = latch_negative[reg_line*ADC_W +: ADC_W];
      // verilator lint_on BLKSEQ
      reg_rdata <= config_word | table_word | image_word | counter_word | accumulator_word;
      if (reg_area >= MEMPROP_FREE_CODE[19:16]) reg_rdata <= {{(32-ADC_W){code[ADC_W-1]}}, code};
      if (reg_addr == FAULTS) reg_rdata <= {30'd0, codes_lost, start_refused};
    end
  end
endmodule
