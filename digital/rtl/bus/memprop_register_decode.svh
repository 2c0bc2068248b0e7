// Made by digital/generate_registers.py from digital/registers.toml: do not edit.
// What an address is, for `include inside a module with the parameters INPUTS, LAYERS, NEURONS, OUTPUTS, PHASE_ROWS, TILES
// and INPUT_BITS.
// The answer, from the highest bit: mapped, writable, host, idle_only, needs_reset, banked, bank.
function automatic [6:0] memprop_decode(input [19:0] address);
  begin
    memprop_decode = 7'b0;
    case (address)
      20'h00000: memprop_decode = 7'b1010000;  // ID
      20'h00004: memprop_decode = 7'b1010000;  // VERSION
      20'h00008: memprop_decode = 7'b1010000;  // CAPABILITY
      20'h0000c: memprop_decode = 7'b1010000;  // CONVERTERS
      20'h00010: memprop_decode = 7'b1010000;  // CHANNELS
      20'h00080: memprop_decode = 7'b1110000;  // CONTROL
      20'h00084: memprop_decode = 7'b1010000;  // STATUS
      20'h00088: memprop_decode = 7'b1110000;  // ERROR
      20'h0008c: memprop_decode = 7'b1010000;  // CONFIG_RULE
      20'h00090: memprop_decode = 7'b1110000;  // IRQ_ENABLE
      20'h00094: memprop_decode = 7'b1110000;  // IRQ_STATUS
      20'h00100: memprop_decode = 7'b1101100;  // MODE
      20'h00104: memprop_decode = 7'b1101100;  // SEED
      20'h00108: memprop_decode = 7'b1101000;  // MAX_PULSES
      20'h0010c: memprop_decode = 7'b1101000;  // STREAM_LENGTH
      20'h00110: memprop_decode = 7'b1100000;  // ACCUMULATOR_CELL
      20'h00114: memprop_decode = 7'b1000000;  // ACCUMULATOR
      20'h00118: memprop_decode = 7'b1101000;  // AVERAGE
      20'h00200: memprop_decode = 7'b1000000;  // BUSY_CYCLES_LO
      20'h00204: memprop_decode = 7'b1000000;  // BUSY_CYCLES_HI
      20'h00208: memprop_decode = 7'b1000000;  // UPDATE_CYCLES_LO
      20'h0020c: memprop_decode = 7'b1000000;  // UPDATE_CYCLES_HI
      20'h00210: memprop_decode = 7'b1000000;  // ROW_CYCLES_LO
      20'h00214: memprop_decode = 7'b1000000;  // ROW_CYCLES_HI
      20'h00218: memprop_decode = 7'b1000000;  // CONVERSIONS_LO
      20'h0021c: memprop_decode = 7'b1000000;  // CONVERSIONS_HI
      20'h00220: memprop_decode = 7'b1000000;  // PULSE_CLIPPED_LO
      20'h00224: memprop_decode = 7'b1000000;  // PULSE_CLIPPED_HI
      20'h00228: memprop_decode = 7'b1000000;  // SAMPLES_LO
      20'h0022c: memprop_decode = 7'b1000000;  // SAMPLES_HI
      default: ;
    endcase
    if (address >= 20'h00020 && {14'b0, address[19:2]} - 32'd8 < LAYERS) begin  // WIDTH
      if (address[1:0] == 2'b0) memprop_decode = 7'b1010000;
    end
    if (address[19:10] == 10'h4 && {26'b0, address[9:4]} < PHASE_ROWS) begin  // TABLE
      case (address[3:0])
        4'h0: memprop_decode = 7'b1101000;  // TABLE_DRIVE
        4'h4: memprop_decode = 7'b1101000;  // TABLE_CYCLES
        4'h8: memprop_decode = 7'b1101000;  // TABLE_NEXT
        default: ;
      endcase
    end
    if (address[19:9] == 11'h10 && {29'b0, address[8:6]} < TILES) begin  // TILE
      case (address[5:0])
        6'h0: memprop_decode = 7'b1101000;  // TILE_RATE
        6'h4: memprop_decode = 7'b1101000;  // TILE_ROW_RATE
        6'h8: memprop_decode = 7'b1101000;  // TILE_COL_RATE
        6'hc: memprop_decode = 7'b1101000;  // TILE_ROW_THRESHOLD
        6'h10: memprop_decode = 7'b1101000;  // TILE_COL_THRESHOLD
        6'h14: memprop_decode = 7'b1101000;  // TILE_BIAS_CODE
        6'h18: memprop_decode = 7'b1101000;  // TILE_ACCUMULATE
        6'h20: memprop_decode = 7'b1000000;  // TILE_PULSES_UP_LO
        6'h24: memprop_decode = 7'b1000000;  // TILE_PULSES_UP_HI
        6'h28: memprop_decode = 7'b1000000;  // TILE_PULSES_DOWN_LO
        6'h2c: memprop_decode = 7'b1000000;  // TILE_PULSES_DOWN_HI
        default: ;
      endcase
    end
    if (address[19:13] == 7'h2 && {21'b0, address[12:2]} < OUTPUTS) begin  // TARGET0
      if (address[1:0] == 2'b0) memprop_decode = 7'b1110010;
    end
    if (address[19:13] == 7'h3 && {21'b0, address[12:2]} < OUTPUTS) begin  // TARGET1
      if (address[1:0] == 2'b0) memprop_decode = 7'b1110011;
    end
    if (address[19:16] == 4'h1 && {18'b0, address[15:2]} < INPUTS) begin  // INPUT0
      if (address[1:0] == 2'b0) memprop_decode = 7'b1100010;
    end
    if (address[19:16] == 4'h2 && {18'b0, address[15:2]} < INPUTS) begin  // INPUT1
      if (address[1:0] == 2'b0) memprop_decode = 7'b1100011;
    end
    if (address[19:16] == 4'h3 && {18'b0, address[15:2]} < NEURONS) begin  // FREE_CODE
      if (address[1:0] == 2'b0) memprop_decode = 7'b1000000;
    end
    if (address[19:16] == 4'h4 && {18'b0, address[15:2]} < NEURONS) begin  // POSITIVE_CODE
      if (address[1:0] == 2'b0) memprop_decode = 7'b1000000;
    end
    if (address[19:16] == 4'h5 && {18'b0, address[15:2]} < NEURONS) begin  // NEGATIVE_CODE
      if (address[1:0] == 2'b0) memprop_decode = 7'b1000000;
    end
  end
endfunction

// The bits of a writable register of the block core that fields name.
function automatic [31:0] memprop_core_mask(input [19:0] address);
  begin
    memprop_core_mask = 32'hffffffff;
    case (address)
      20'h00100: memprop_core_mask = 32'h0000007f;  // MODE
      20'h00108: memprop_core_mask = 32'h0000ffff;  // MAX_PULSES
      20'h0010c: memprop_core_mask = 32'h0000ffff;  // STREAM_LENGTH
      20'h00118: memprop_core_mask = 32'h00000007;  // AVERAGE
      default: ;
    endcase
    if (address[19:10] == 10'h4 && address[3:0] == 4'h0) memprop_core_mask = 32'h00003fff;  // TABLE_DRIVE
    if (address == 20'h01000) memprop_core_mask = 32'd0;
    if (address[19:10] == 10'h4 && address[3:0] == 4'h8) memprop_core_mask = (32'd1 << (0 + $clog2(PHASE_ROWS))) - (32'd1 << 0) | (32'd1 << (16 + $clog2(PHASE_ROWS))) - (32'd1 << 16);  // TABLE_NEXT
    if (address[19:9] == 11'h10 && address[5:0] == 6'h0) memprop_core_mask = 32'h007fffff;  // TILE_RATE
    if (address[19:9] == 11'h10 && address[5:0] == 6'h4) memprop_core_mask = 32'h003fffff;  // TILE_ROW_RATE
    if (address[19:9] == 11'h10 && address[5:0] == 6'h8) memprop_core_mask = 32'h003fffff;  // TILE_COL_RATE
    if (address[19:9] == 11'h10 && address[5:0] == 6'h14) memprop_core_mask = 32'h7fffffff;  // TILE_BIAS_CODE
    if (address[19:9] == 11'h10 && address[5:0] == 6'h18) memprop_core_mask = 32'h00ffffff;  // TILE_ACCUMULATE
    if (address[19:16] == 4'h1) memprop_core_mask = (32'd1 << INPUT_BITS) - 32'd1;  // INPUT0
    if (address[19:16] == 4'h2) memprop_core_mask = (32'd1 << INPUT_BITS) - 32'd1;  // INPUT1
  end
endfunction
