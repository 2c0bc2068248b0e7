// Looks through the configuration registers before a start that follows a change of them, by the
// rules of digital/register_rules.cpp in the same order. Reads one word in a cycle through the
// controller's register port: 3 cycles for each row of the phase table that a sample visits.
module memprop_config_check #(
    parameter integer TILES = 2,
    parameter integer PHASE_ROWS = 32,
    parameter [7:0] ENGINES = 8'h0f,
    parameter integer ACCUMULATOR_BITS = 8
) (
    input  logic        clk,
    input  logic        rst_n,
    input  logic        go,        // one cycle: begin
    output logic        running,
    output logic        finished,  // the last cycle of a check; rule is valid in it
    output logic [31:0] rule,      // word of CONFIG_RULE; 0: the configuration can run
    output logic        read,
    output logic [19:0] address,
    input  logic [31:0] word       // what was read at the last edge
);
  `include "memprop_registers.svh"

  localparam [2:0] S_IDLE = 3'd0;
  localparam [2:0] S_MODE = 3'd1;
  localparam [2:0] S_AMOUNT = 3'd2;  // MAX_PULSES or STREAM_LENGTH
  localparam [2:0] S_RATE = 3'd3;
  localparam [2:0] S_NEXT = 3'd4;
  localparam [2:0] S_DRIVE = 3'd5;
  localparam [2:0] S_CYCLES = 3'd6;
  localparam [2:0] S_THRESHOLD = 3'd7;

  localparam [7:0] LAST_ROW = PHASE_ROWS[7:0] - 8'd1;
  localparam [7:0] LAST_TILE = TILES[7:0] - 8'd1;
  localparam [3:0] UPDATE = MEMPROP_STATUS_PHASE_UPDATE;
  localparam [2:0] PULSE_COUNT = MEMPROP_MODE_ENGINE_PULSE_COUNT;
  localparam [2:0] ACCUMULATE = MEMPROP_MODE_ENGINE_ACCUMULATE;
  localparam [31:0] LARGEST = (32'd1 << (ACCUMULATOR_BITS - 1)) - 32'd1;
  localparam [2:0] STOCHASTIC = MEMPROP_MODE_ENGINE_STOCHASTIC;

  logic [2:0] state;
  logic [2:0] state_next;
  logic [7:0] row;        // row of the table, or tile
  logic [7:0] row_next;
  logic [7:0] visited;
  logic [7:0] visited_next;
  logic [2:0] converted;  // banks converted on the path
  logic [2:0] converted_next;
  logic training;         // which path
  logic training_next;
  logic [5:0] mode;
  logic [13:0] drive;     // of the present row

  logic [4:0] broken;     // rule broken by the present word
  logic [7:0] successor;
  logic [2:0] banks;      // of the row whose cycles are looked at
  logic [3:0] phase;
  logic [2:0] engine;     // in S_MODE that of the word, else the one kept
  logic counts;           // a circuit with counts and rates
  logic last;             // nothing more to look at

  function automatic [19:0] row_address(input [19:0] base, input [7:0] k);
    row_address = base + ({12'd0, k} << 4);
  endfunction

  assign successor = training
      ? word[MEMPROP_TABLE_NEXT_TRAIN_LSB +: 8]
      : word[MEMPROP_TABLE_NEXT_INFER_LSB +: 8];
  assign phase = drive[MEMPROP_TABLE_DRIVE_PHASE_LSB +: 4];
  assign engine = (state == S_MODE) ? word[MEMPROP_MODE_ENGINE_LSB +: 3]
                                    : mode[MEMPROP_MODE_ENGINE_LSB +: 3];
  assign counts = engine == PULSE_COUNT || engine == ACCUMULATE;

  always_comb begin
    banks = converted;
    if (drive[MEMPROP_TABLE_DRIVE_CONVERT_LSB]) begin
      case (drive[MEMPROP_TABLE_DRIVE_ADC_BANK_LSB +: 2])
        2'd0: banks[0] = 1'b1;
        2'd1: banks[1] = 1'b1;
        default: banks[2] = 1'b1;
      endcase
    end
  end

  // The rule that the word breaks.
  always_comb begin
    broken = MEMPROP_CONFIG_RULE_RULE_NONE;
    case (state)
      S_MODE: begin
        if (!ENGINES[engine])
          broken = MEMPROP_CONFIG_RULE_RULE_ENGINE_NOT_BUILT;
        else if (engine == MEMPROP_MODE_ENGINE_SIGN_SIGN && word[MEMPROP_MODE_PRODUCT_LSB])
          broken = MEMPROP_CONFIG_RULE_RULE_PRODUCT_OF_SIGNS;
      end
      S_AMOUNT: begin
        if (word == 32'd0)
          broken = counts ? MEMPROP_CONFIG_RULE_RULE_NO_PULSES
                          : MEMPROP_CONFIG_RULE_RULE_NO_SLOTS;
      end
      S_THRESHOLD: begin
        if (word == 32'd0 || word > LARGEST) broken = MEMPROP_CONFIG_RULE_RULE_THRESHOLD_RANGE;
      end
      S_RATE: begin
        if (word[MEMPROP_TILE_RATE_SHIFT_LSB +: 7] < 7'd16 ||
            word[MEMPROP_TILE_RATE_SHIFT_LSB +: 7] > 7'd80)
          broken = MEMPROP_CONFIG_RULE_RULE_RATE_SHIFT_RANGE;
      end
      S_NEXT: begin
        if (successor > LAST_ROW)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_SUCCESSOR;
        else if (successor == 8'd0 && row == 8'd0)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_EMPTY;
        else if (successor != 8'd0 && visited == LAST_ROW)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_ENDLESS;
        else if (successor == 8'd0 && training &&
                 converted[2] != mode[MEMPROP_MODE_CENTRED_LSB])
          broken = MEMPROP_CONFIG_RULE_RULE_CENTRED_DIFFERS;
        else if (successor == 8'd0 && training && converted[2] &&
                 mode[MEMPROP_MODE_RANDOM_SIGN_LSB])
          broken = MEMPROP_CONFIG_RULE_RULE_RANDOM_SIGN_CENTRED;
      end
      S_CYCLES: begin
        if (phase == 4'd0)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_IDLE_INSIDE;
        else if (word == 32'd0 && phase != UPDATE)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_NO_CYCLES;
        else if (drive[MEMPROP_TABLE_DRIVE_ADC_BANK_LSB +: 2] == 2'd3)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_ADC_BANK;
        else if (drive[MEMPROP_TABLE_DRIVE_CONVERT_LSB] && phase == UPDATE)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_CONVERT_IN_UPDATE;
        else if (phase == UPDATE && engine == 3'd0)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_UPDATE_WITHOUT_ENGINE;
        else if (phase == UPDATE && converted[1:0] != 2'b11)
          broken = MEMPROP_CONFIG_RULE_RULE_TABLE_UPDATE_UNSAMPLED;
      end
      default: ;
    endcase
  end

  // What comes next, and the word to read for it.
  always_comb begin
    state_next = state;
    row_next = row;
    visited_next = visited;
    converted_next = converted;
    training_next = training;
    address = MEMPROP_MODE;
    last = 1'b0;
    case (state)
      S_IDLE: begin
        row_next = 8'd0;
        visited_next = 8'd0;
        converted_next = 3'd0;
        training_next = 1'b1;
        if (go) state_next = S_MODE;
      end
      S_MODE: begin
        if (counts) begin
          address = MEMPROP_MAX_PULSES;
          state_next = S_AMOUNT;
        end else if (engine == STOCHASTIC) begin
          address = MEMPROP_STREAM_LENGTH;
          state_next = S_AMOUNT;
        end else begin
          address = MEMPROP_TABLE_NEXT;
          state_next = S_NEXT;
        end
      end
      S_AMOUNT: begin
        if (counts) begin
          address = MEMPROP_TILE_RATE;
          state_next = S_RATE;
        end else begin
          address = MEMPROP_TABLE_NEXT;
          state_next = S_NEXT;
        end
      end
      S_RATE: begin
        if (row == LAST_TILE) begin
          row_next = 8'd0;
          address = (engine == ACCUMULATE) ? MEMPROP_TILE_ACCUMULATE : MEMPROP_TABLE_NEXT;
          state_next = (engine == ACCUMULATE) ? S_THRESHOLD : S_NEXT;
        end else begin
          row_next = row + 8'd1;
          address = MEMPROP_TILE_RATE + ({12'd0, row_next} << 6);
        end
      end
      S_THRESHOLD: begin
        if (row == LAST_TILE) begin
          row_next = 8'd0;
          address = MEMPROP_TABLE_NEXT;
          state_next = S_NEXT;
        end else begin
          row_next = row + 8'd1;
          address = MEMPROP_TILE_ACCUMULATE + ({12'd0, row_next} << 6);
        end
      end
      S_NEXT: begin
        if (successor != 8'd0) begin
          row_next = successor;
          visited_next = visited + 8'd1;
          address = row_address(MEMPROP_TABLE_DRIVE, successor);
          state_next = S_DRIVE;
        end else begin
          row_next = 8'd0;
          visited_next = 8'd0;
          converted_next = 3'd0;
          training_next = 1'b0;
          address = MEMPROP_TABLE_NEXT;
          last = !training;
        end
      end
      S_DRIVE: begin
        address = row_address(MEMPROP_TABLE_CYCLES, row);
        state_next = S_CYCLES;
      end
      default: begin  // S_CYCLES
        converted_next = banks;
        address = row_address(MEMPROP_TABLE_NEXT, row);
        state_next = S_NEXT;
      end
    endcase
  end

  assign running = state != S_IDLE;
  assign finished = running && (broken != MEMPROP_CONFIG_RULE_RULE_NONE || last);
  assign read = (running && !finished) || (state == S_IDLE && go);

  always_comb begin
    rule = 32'd0;
    if (broken != MEMPROP_CONFIG_RULE_RULE_NONE) begin
      rule[MEMPROP_CONFIG_RULE_RULE_LSB +: MEMPROP_CONFIG_RULE_RULE_WIDTH] = broken;
      case (state)
        S_NEXT: begin
          rule[MEMPROP_CONFIG_RULE_TRAINING_LSB] = training;
          rule[MEMPROP_CONFIG_RULE_ROW_LSB +: 8] = row;
          // The mode's own rules, found at the end of the path, have no row.
          if (successor == 8'd0) rule[MEMPROP_CONFIG_RULE_ROW_LSB +: 8] = 8'd0;
        end
        S_CYCLES: begin
          rule[MEMPROP_CONFIG_RULE_TRAINING_LSB] = training;
          rule[MEMPROP_CONFIG_RULE_ROW_LSB +: 8] = row;
        end
        S_RATE, S_THRESHOLD: rule[MEMPROP_CONFIG_RULE_ROW_LSB +: 8] = row;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state <= S_IDLE;
      row <= 8'd0;
      visited <= 8'd0;
      converted <= 3'd0;
      training <= 1'b1;
      mode <= 6'd0;
      drive <= 14'd0;
    end else begin
      state <= finished ? S_IDLE : state_next;
      row <= row_next;
      visited <= visited_next;
      converted <= converted_next;
      training <= training_next;
      if (state == S_MODE) mode <= word[5:0];
      if (state == S_DRIVE) drive <= word[13:0];
    end
  end
endmodule
