// Walks through the phase table, which the host writes (TABLE in digital/registers.toml): one row
// per state, row 0 is IDLE and waits for start; every other row lasts for its number of cycles,
// UPDATE until the update circuit has finished. What a row drives appears at the edge that enters it.
module memprop_sequencer #(
    parameter integer PHASE_ROWS = 32,
    parameter integer RUNTIME_SEED = 1,
    parameter [31:0] RESET_SEED = 32'd1
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        reg_we,
    input  wire [19:0] reg_addr,
    input  wire [31:0] reg_wdata,
    input  wire [3:0]  reg_be,
    output reg  [31:0] word,
    input  wire        random_sign,
    input  wire [31:0] seed,
    input  wire        start,
    input  wire        train,
    input  wire        update_finished,  // the present cycle of UPDATE is the last
    // the border's pins, registers
    output reg  [3:0]  phase,
    output reg         x_dac_load,
    output reg         row_en,
    output reg         nudge_en,
    output reg         nudge_sign,
    output reg  [2:0]  sh_en,
    output reg  [1:0]  adc_bank,
    output reg         busy,
    output reg         done,
    // the other blocks
    output reg         nudge_negative,  // the random sign of the present sample
    output wire        begin_sample,    // this edge accepts a start
    output wire        entering,        // this edge enters a row of the table
    output wire        converts,        // that row converts
    output wire        enter_update,    // this edge enters UPDATE
    output wire        cycle_update,    // the cycle that begins at this edge is one of UPDATE
    output wire        leave_update,    // this edge leaves UPDATE
    output wire        busy_next,       // busy, row_en and done after this edge
    output wire        row_en_next,
    output wire        done_next
);
  `include "memprop_registers.svh"
  `include "memprop_functions.svh"

  localparam integer ROW_W = $clog2(PHASE_ROWS);
  localparam [3:0] UPDATE = MEMPROP_STATUS_PHASE_UPDATE;
  localparam [3:0] NUDGEP = MEMPROP_STATUS_PHASE_NUDGEP;
  localparam [3:0] SAMPLEP = MEMPROP_STATUS_PHASE_SAMPLEP;
  localparam [3:0] ADAPT = MEMPROP_STATUS_PHASE_ADAPT;

  reg [13:0]      drive [0:PHASE_ROWS-1];
  reg [31:0]      cycles [0:PHASE_ROWS-1];
  reg [ROW_W-1:0] next_train [0:PHASE_ROWS-1];
  reg [ROW_W-1:0] next_infer [0:PHASE_ROWS-1];

  // ---------------------------------------------------------------- the host's side
  wire             in_table = reg_addr[19:10] == MEMPROP_TABLE_BASE[19:10];
  wire [ROW_W-1:0] reg_row = reg_addr[4 +: ROW_W];
  wire [31:0]      next_word = written(word, reg_wdata, reg_be);

  always @* begin
    word = 32'd0;
    if (in_table) begin
      case (reg_addr[3:2])
        2'd0: word = {18'd0, drive[reg_row]};
        2'd1: word = cycles[reg_row];
        2'd2: begin
          word[MEMPROP_TABLE_NEXT_TRAIN_LSB +: ROW_W] = next_train[reg_row];
          word[MEMPROP_TABLE_NEXT_INFER_LSB +: ROW_W] = next_infer[reg_row];
        end
        default: ;
      endcase
    end
  end

  integer r;
  initial begin
    for (r = 0; r < PHASE_ROWS; r = r + 1) begin
      drive[r] = 14'd0;
      cycles[r] = 32'd0;
      next_train[r] = {ROW_W{1'b0}};
      next_infer[r] = {ROW_W{1'b0}};
    end
  end
  always @(posedge clk) begin
    if (reg_we && in_table) begin
      if (reg_addr[3:2] == 2'd0) drive[reg_row] <= next_word[13:0];
      if (reg_addr[3:2] == 2'd1) cycles[reg_row] <= next_word;
      if (reg_addr[3:2] == 2'd2) begin
        next_train[reg_row] <= next_word[MEMPROP_TABLE_NEXT_TRAIN_LSB +: ROW_W];
        next_infer[reg_row] <= next_word[MEMPROP_TABLE_NEXT_INFER_LSB +: ROW_W];
      end
    end
  end

  // ---------------------------------------------------------------- what follows
  reg [ROW_W-1:0] row;
  reg [31:0]      left;      // cycles of the row still to come, the present one included
  reg             training;
  reg [31:0]      sign_register;

  wire             idle = row == {ROW_W{1'b0}};
  wire             last_cycle = left <= 32'd1;
  wire             training_now = begin_sample ? train : training;
  wire             leave_row = idle ? start : (phase == UPDATE) ? update_finished : last_cycle;
  wire [ROW_W-1:0] successor = training_now ? next_train[row] : next_infer[row];
  wire [ROW_W-1:0] row_next = !rst_n ? {ROW_W{1'b0}} : leave_row ? successor : row;
  wire             idle_next = row_next == {ROW_W{1'b0}};
  wire [13:0]      drive_next = drive[row_next];
  wire [3:0]       phase_next = drive_next[MEMPROP_TABLE_DRIVE_PHASE_LSB +: 4];
  wire             load_next = drive_next[MEMPROP_TABLE_DRIVE_X_DAC_LOAD_LSB];
  wire             nudges = phase_next == NUDGEP || phase_next == SAMPLEP ||
                            phase_next == ADAPT;
  wire [31:0]      sign_next = advanced(sign_register);
  wire             draw_sign = begin_sample && train && random_sign;
  wire             negative_next = begin_sample ? (draw_sign && sign_next[0]) : nudge_negative;

  assign begin_sample = rst_n && idle && start;
  assign entering = leave_row || !rst_n;
  assign converts = drive_next[MEMPROP_TABLE_DRIVE_CONVERT_LSB];
  assign enter_update = rst_n && leave_row && phase_next == UPDATE;
  assign cycle_update = enter_update || (rst_n && phase == UPDATE && !leave_row);
  assign leave_update = rst_n && phase == UPDATE && leave_row && phase_next != UPDATE;
  assign busy_next = rst_n && !idle_next;
  assign row_en_next = entering ? drive_next[MEMPROP_TABLE_DRIVE_ROW_EN_LSB] : row_en;
  assign done_next = rst_n && leave_row && idle_next;

  always @(posedge clk) begin
    row <= row_next;
    busy <= !idle_next;
    done <= done_next;
    row_en <= row_en_next;
    if (leave_row) left <= cycles[row_next];
    else left <= left - 32'd1;
    if (draw_sign) sign_register <= sign_next;
    if (begin_sample) training <= train;
    nudge_negative <= negative_next;
    if (entering) begin
      phase <= phase_next;
      x_dac_load <= load_next;
      nudge_en <= drive_next[MEMPROP_TABLE_DRIVE_NUDGE_EN_LSB];
      nudge_sign <= drive_next[MEMPROP_TABLE_DRIVE_NUDGE_SIGN_LSB] ^ (nudges && negative_next);
      sh_en <= drive_next[MEMPROP_TABLE_DRIVE_SH_EN_LSB +: 3];
      adc_bank <= drive_next[MEMPROP_TABLE_DRIVE_ADC_BANK_LSB +: 2];
    end
    if (!rst_n) begin
      left <= 32'd0;
      training <= 1'b0;
      nudge_negative <= 1'b0;
      nudge_sign <= drive_next[MEMPROP_TABLE_DRIVE_NUDGE_SIGN_LSB];
      sign_register <= register_seed(
          lane_seed((RUNTIME_SEED != 0) ? seed : RESET_SEED, 32'd0, 32'd2), 32'd0);
    end
  end

  wire unused = &{1'b0, reg_addr};
endmodule
