// The registers between a bus and the controller (docs/registers.md): keeps those of the block
// "host", lets permitted accesses of the block "core" through to the controller's register port,
// and drives the controller's reset, start and mode. Bit-exact with digital/register_file.cpp.
//
// One access at a time: accepted at an edge with req_valid and req_ready, answered by rsp_valid for
// one cycle. An access is carried out at the edge that accepts it; a start after a change of the
// configuration at the edge that ends the configuration check, which delays its answer.
module memprop_register_file #(
    parameter integer TILES = 2,
    parameter integer INPUTS = 2,
    parameter integer OUTPUTS = 2,
    parameter integer NEURONS = 10,
    parameter [9*32-1:0] WIDTHS = {192'd0, 32'd2, 32'd8, 32'd2},  // layer k at bits 32k
    parameter integer PHASE_ROWS = 32,
    parameter integer INPUT_BITS = 8,
    parameter integer ADC_BITS = 10,
    parameter integer CHANNELS = 10,
    parameter integer TARGET_BITS = 8,
    parameter integer BIAS = 0,
    parameter [7:0] ENGINES = 8'h0f,
    parameter integer ACCUMULATOR_BITS = 8  // of engine 4
) (
    input  logic        clk,
    input  logic        rst_n,
    // the bus side
    input  logic        req_valid,
    output logic        req_ready,
    input  logic        req_write,
    input  logic [19:0] req_addr,
    input  logic [31:0] req_wdata,
    input  logic [3:0]  req_be,
    output logic        rsp_valid,
    output logic [31:0] rsp_rdata,
    output logic [1:0]  rsp_error,  // 0 done, 1 refused, 2 nothing is mapped there
    output logic        irq,
    // the controller
    output logic        core_rst_n,
    output logic        core_start,
    output logic        core_train,
    output logic        core_x_bank,
    input  logic        core_busy,
    input  logic        core_done,
    input  logic [3:0]  core_phase,
    output logic        reg_we,
    output logic        reg_re,
    output logic [19:0] reg_addr,
    output logic [31:0] reg_wdata,
    output logic [3:0]  reg_be,
    input  logic [31:0] reg_rdata,
    // the nudging DAC: output k at bits k*TARGET_BITS
    output logic [OUTPUTS*TARGET_BITS-1:0] target_code
);
  `include "memprop_registers.svh"
  localparam integer LAYERS = TILES + 1;
  `include "memprop_register_decode.svh"

  localparam [1:0] S_READY = 2'd0;
  localparam [1:0] S_ANSWER = 2'd1;
  localparam [1:0] S_CHECK = 2'd2;
  localparam [1:0] ANSWER_OK = 2'd0;
  localparam [1:0] ANSWER_REFUSED = 2'd1;
  localparam [1:0] ANSWER_UNMAPPED = 2'd2;

  // ---------------------------------------------------------------- what an access is
  logic [6:0] flags;
  logic mapped;
  logic writable;
  logic is_host;
  logic idle_only;
  logic needs_reset;
  logic banked;
  logic bank;
  assign flags = memprop_decode(req_addr);
  assign {mapped, writable, is_host, idle_only, needs_reset, banked, bank} = flags;

  logic [1:0] state;
  logic train;         // CONTROL.TRAIN
  logic next_bank;     // CONTROL.BANK
  logic training;      // of the present or last sample
  logic active_bank;
  logic reset_due;
  logic check_due;
  logic start_pin;
  logic reset_pin;
  logic [2:0] errors;
  logic [31:0] config_rule;
  logic [1:0] irq_enable;
  logic [1:0] irq_status;
  logic answer_core;   // the answer's word comes from the controller
  logic [31:0] answer_word;

  logic busy;
  logic in_use;
  logic refused;
  logic accept;
  logic write;
  logic read;
  logic write_host;
  assign busy = core_busy || start_pin;
  assign in_use = busy && (idle_only || (banked && bank == active_bank));
  assign refused = req_write && (!writable || in_use);
  assign req_ready = state == S_READY;
  assign accept = req_valid && req_ready;
  assign write = accept && req_write && mapped && !refused;
  assign read = accept && !req_write && mapped;
  assign write_host = write && is_host;

  // ---------------------------------------------------------------- starting
  logic control_low;   // CONTROL is written in its lowest byte
  logic wants_reset;
  logic wants_start;
  logic check_go;
  logic check_running;
  logic check_finished;
  logic [31:0] check_rule;
  logic check_read;
  logic [19:0] check_address;
  logic start;         // the sample is started
  logic refuse_busy;
  logic refuse_reset;
  logic refuse_config;
  assign control_low = write_host && req_addr == MEMPROP_CONTROL && req_be[0];
  assign wants_reset = control_low && req_wdata[MEMPROP_CONTROL_SOFT_RESET_LSB];
  assign wants_start = control_low && !wants_reset && req_wdata[MEMPROP_CONTROL_START_LSB];
  assign refuse_busy = wants_start && busy;
  assign refuse_reset = wants_start && !busy && reset_due;
  assign check_go = wants_start && !busy && !reset_due && check_due;
  assign refuse_config = check_finished && check_rule != 32'd0;
  assign start = (wants_start && !busy && !reset_due && !check_due) ||
                 (check_finished && check_rule == 32'd0);

  memprop_config_check #(
      .TILES(TILES),
      .PHASE_ROWS(PHASE_ROWS),
      .ENGINES(ENGINES),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) check (
      .clk(clk),
      .rst_n(rst_n),
      .go(check_go),
      .running(check_running),
      .finished(check_finished),
      .rule(check_rule),
      .read(check_read),
      .address(check_address),
      .word(reg_rdata)
  );

  assign core_rst_n = rst_n && !reset_pin;
  assign core_start = start_pin;
  assign core_train = training;
  assign core_x_bank = active_bank;
  assign irq = (irq_status & irq_enable) != 2'b00;

  // ---------------------------------------------------------------- the controller's port
  assign reg_we = write && !is_host;
  assign reg_re = (read && !is_host) || check_read;
  assign reg_addr = check_read ? check_address : req_addr;
  assign reg_wdata = req_wdata & memprop_core_mask(req_addr);  // other bits read 0
  assign reg_be = req_be;

  // ---------------------------------------------------------------- targets
  localparam integer INDEX_BITS = (OUTPUTS > 1) ? $clog2(OUTPUTS) : 1;
  logic [TARGET_BITS-1:0] target0 [0:OUTPUTS-1];
  logic [TARGET_BITS-1:0] target1 [0:OUTPUTS-1];
  logic [INDEX_BITS-1:0] target_index;
  logic [TARGET_BITS-1:0] target_old;
  logic [TARGET_BITS-1:0] target_new;
  logic [31:0] target_word;
  logic [31:0] byte_mask;
  assign byte_mask = {{8{req_be[3]}}, {8{req_be[2]}}, {8{req_be[1]}}, {8{req_be[0]}}};
  assign target_index = req_addr[2 +: INDEX_BITS];
  assign target_old = bank ? target1[target_index] : target0[target_index];
  assign target_word = {{(32-TARGET_BITS){target_old[TARGET_BITS-1]}}, target_old};
  assign target_new = (req_wdata[TARGET_BITS-1:0] & byte_mask[TARGET_BITS-1:0]) |
                      (target_old & ~byte_mask[TARGET_BITS-1:0]);

  integer t;
  initial begin
    for (t = 0; t < OUTPUTS; t = t + 1) begin
      target0[t] = {TARGET_BITS{1'b0}};
      target1[t] = {TARGET_BITS{1'b0}};
    end
  end
  always_ff @(posedge clk) begin
    if (write_host && banked && !bank) target0[target_index] <= target_new;
    if (write_host && banked && bank) target1[target_index] <= target_new;
  end
  genvar o;
  generate
    for (o = 0; o < OUTPUTS; o = o + 1) begin : g_target
      assign target_code[o*TARGET_BITS +: TARGET_BITS] = active_bank ? target1[o] : target0[o];
    end
  endgenerate

  // ---------------------------------------------------------------- reading
  logic [31:0] host_word;
  always_comb begin
    host_word = 32'd0;
    case (req_addr)
      MEMPROP_ID: host_word = MEMPROP_ID_VALUE;
      MEMPROP_VERSION: host_word = MEMPROP_VERSION_VALUE;
      MEMPROP_CAPABILITY: begin
        host_word[MEMPROP_CAPABILITY_TILES_LSB +: 4] = TILES[3:0];
        host_word[MEMPROP_CAPABILITY_BIAS_LSB] = BIAS != 0;
        host_word[MEMPROP_CAPABILITY_PHASE_ROWS_LSB +: 8] = PHASE_ROWS[7:0];
        host_word[MEMPROP_CAPABILITY_ENGINES_LSB +: 8] = ENGINES;
      end
      MEMPROP_CONVERTERS: begin
        host_word[MEMPROP_CONVERTERS_INPUT_BITS_LSB +: 8] = INPUT_BITS[7:0];
        host_word[MEMPROP_CONVERTERS_ADC_BITS_LSB +: 8] = ADC_BITS[7:0];
        host_word[MEMPROP_CONVERTERS_TARGET_BITS_LSB +: 8] = TARGET_BITS[7:0];
        if (ENGINES[MEMPROP_MODE_ENGINE_ACCUMULATE])
          host_word[MEMPROP_CONVERTERS_ACCUMULATOR_BITS_LSB +: 8] = ACCUMULATOR_BITS[7:0];
      end
      MEMPROP_CHANNELS: host_word = CHANNELS[31:0];
      MEMPROP_CONTROL: begin
        host_word[MEMPROP_CONTROL_TRAIN_LSB] = train;
        host_word[MEMPROP_CONTROL_BANK_LSB] = next_bank;
      end
      MEMPROP_STATUS: begin
        host_word[MEMPROP_STATUS_BUSY_LSB] = busy;
        host_word[MEMPROP_STATUS_TRAINING_LSB] = training;
        host_word[MEMPROP_STATUS_BANK_LSB] = active_bank;
        host_word[MEMPROP_STATUS_RESET_DUE_LSB] = reset_due;
        host_word[MEMPROP_STATUS_PHASE_LSB +: 4] = core_phase;
      end
      MEMPROP_ERROR: host_word[2:0] = errors;
      MEMPROP_CONFIG_RULE: host_word = config_rule;
      MEMPROP_IRQ_ENABLE: host_word[1:0] = irq_enable;
      MEMPROP_IRQ_STATUS: host_word[1:0] = irq_status;
      default: begin
        if (banked) host_word = target_word;
        else host_word = WIDTHS[{req_addr[5:2] - 4'd8, 5'd0} +: 32];
      end
    endcase
  end

  // ---------------------------------------------------------------- the registers
  logic [2:0] clear_errors;
  logic [1:0] clear_events;
  logic [1:0] events;
  assign clear_errors = (write_host && req_addr == MEMPROP_ERROR && req_be[0])
                            ? req_wdata[2:0] : 3'd0;
  assign clear_events = (write_host && req_addr == MEMPROP_IRQ_STATUS && req_be[0])
                            ? req_wdata[1:0] : 2'd0;
  assign events[MEMPROP_IRQ_STATUS_DONE_LSB] = core_done;
  assign events[MEMPROP_IRQ_STATUS_ERROR_LSB] = refuse_busy || refuse_reset || refuse_config;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state <= S_READY;
      train <= 1'b0;
      next_bank <= 1'b0;
      training <= 1'b0;
      active_bank <= 1'b0;
      reset_due <= 1'b0;
      check_due <= 1'b1;
      start_pin <= 1'b0;
      reset_pin <= 1'b0;
      errors <= 3'd0;
      config_rule <= 32'd0;
      irq_enable <= 2'd0;
      irq_status <= 2'd0;
      answer_core <= 1'b0;
      answer_word <= 32'd0;
      rsp_error <= ANSWER_OK;
    end else begin
      case (state)
        S_READY: begin
          if (check_go) state <= S_CHECK;
          else if (accept) state <= S_ANSWER;
        end
        S_CHECK: if (check_finished) state <= S_ANSWER;
        default: state <= S_READY;
      endcase

      if (accept) begin
        answer_core <= read && !is_host;
        answer_word <= (read && is_host) ? host_word : 32'd0;
        rsp_error <= !mapped ? ANSWER_UNMAPPED : refused ? ANSWER_REFUSED : ANSWER_OK;
      end

      start_pin <= start;
      reset_pin <= wants_reset;
      if (start) begin
        training <= train_now;
        active_bank <= bank_now;
      end
      train <= train_now;
      next_bank <= bank_now;

      // A write of the configuration asks for a check, and for a reset where it acts only there.
      if (write && !is_host && !banked) check_due <= 1'b1;
      if (check_finished && check_rule == 32'd0) check_due <= 1'b0;
      if (write && needs_reset) reset_due <= 1'b1;
      if (wants_reset) reset_due <= 1'b0;

      errors <= wants_reset ? 3'd0
                            : (errors & ~clear_errors) | {refuse_reset, refuse_config, refuse_busy};
      if (wants_reset) config_rule <= 32'd0;
      else if (refuse_config) config_rule <= check_rule;
      if (write_host && req_addr == MEMPROP_IRQ_ENABLE && req_be[0]) irq_enable <= req_wdata[1:0];
      irq_status <= (irq_status & ~clear_events) | events;
    end
  end

  // TRAIN and BANK as a write in this cycle leaves them.
  logic train_now;
  logic bank_now;
  assign train_now = control_low ? req_wdata[MEMPROP_CONTROL_TRAIN_LSB] : train;
  assign bank_now = control_low ? req_wdata[MEMPROP_CONTROL_BANK_LSB] : next_bank;

  assign rsp_valid = state == S_ANSWER;
  assign rsp_rdata = answer_core ? reg_rdata : answer_word;

  logic unused;
  assign unused = &{1'b0, check_running, req_wdata[31:8], byte_mask};
endmodule
