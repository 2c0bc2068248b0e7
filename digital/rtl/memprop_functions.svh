// Functions of the controller's blocks, for `include inside a module.

// One step of a shift register (xorshift 13, 17, 5; Marsaglia 2003).
function automatic [31:0] advanced(input [31:0] state);
  reg [31:0] x;
  begin
    x = state;
    x = x ^ (x << 13);
    x = x ^ (x >> 17);
    x = x ^ (x << 5);
    advanced = x;
  end
endfunction

// The finaliser of MurmurHash3 (32 bits).
function automatic [31:0] finalised(input [31:0] value);
  reg [31:0] h;
  begin
    h = value;
    h = h ^ (h >> 16);
    h = h * 32'h85ebca6b;
    h = h ^ (h >> 13);
    h = h * 32'hc2b2ae35;
    h = h ^ (h >> 16);
    finalised = h;
  end
endfunction

// The part of a register's seed that all registers of a lane share: seed of the chip, tile, and kind
// of lane (0 column, 1 row, 2 sign).
function automatic [31:0] lane_seed(input [31:0] chip, input [31:0] place, input [31:0] kind);
  reg [31:0] h;
  begin
    h = finalised(chip + 32'h9e3779b9);
    h = finalised(h + place + 32'h9e3779b9);
    h = finalised(h + kind + 32'h9e3779b9);
    lane_seed = h;
  end
endfunction

// The start value of register `place` of a lane; never zero.
function automatic [31:0] register_seed(input [31:0] common, input [31:0] place);
  reg [31:0] h;
  begin
    h = finalised(common + place + 32'h9e3779b9);
    register_seed = (h == 32'd0) ? 32'h9e3779b9 : h;
  end
endfunction

// A register after a write of the bytes that are enabled.
function automatic [31:0] written(input [31:0] old, input [31:0] value, input [3:0] enable);
  reg [31:0] mask;
  begin
    mask = {{8{enable[3]}}, {8{enable[2]}}, {8{enable[1]}}, {8{enable[0]}}};
    written = (old & ~mask) | (value & mask);
  end
endfunction
