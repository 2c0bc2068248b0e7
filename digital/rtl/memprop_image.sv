// Input loader: two banks of input codes, written by the host one code a word, and the register that
// drives the input DACs: a sample's codes are taken at the edge that starts it, after which both banks
// can be written. No reset touches any of them.
module memprop_image #(
    parameter integer INPUTS = 2,
    parameter integer X_W = 8
) (
    input  wire                  clk,
    input  wire                  reg_we,
    input  wire [19:0]           reg_addr,
    input  wire [31:0]           reg_wdata,
    input  wire [3:0]            reg_be,
    output wire [31:0]           word,
    input  wire                  take,   // this edge starts a sample
    input  wire                  bank,   // with it
    output reg  [INPUTS*X_W-1:0] x_code  // input k at bits k*X_W
);
  `include "memprop_registers.svh"
  `include "memprop_functions.svh"

  localparam integer INDEX_W = (INPUTS > 1) ? $clog2(INPUTS) : 1;

  reg [INPUTS*X_W-1:0] bank0;
  reg [INPUTS*X_W-1:0] bank1;

  wire                in_bank0 = reg_addr[19:16] == MEMPROP_INPUT0_BASE[19:16];
  wire                in_bank1 = reg_addr[19:16] == MEMPROP_INPUT1_BASE[19:16];
  wire [INDEX_W-1:0]  index = reg_addr[2 +: INDEX_W];
  wire [X_W-1:0]      code0 = bank0[index*X_W +: X_W];
  wire [X_W-1:0]      code1 = bank1[index*X_W +: X_W];
  wire [X_W-1:0]      code = in_bank1 ? code1 : code0;
  wire [31:0]         old = {{(32-X_W){1'b0}}, code};
  wire [31:0]         next = written(old, reg_wdata, reg_be);

  assign word = (in_bank0 || in_bank1) ? old : 32'd0;

  initial begin
    bank0 = {INPUTS*X_W{1'b0}};
    bank1 = {INPUTS*X_W{1'b0}};
    x_code = {INPUTS*X_W{1'b0}};
  end

  always @(posedge clk) begin
    if (reg_we && in_bank0) bank0[index*X_W +: X_W] <= next[X_W-1:0];
    if (reg_we && in_bank1) bank1[index*X_W +: X_W] <= next[X_W-1:0];
    if (take && !bank) x_code <= bank0;
    if (take && bank) x_code <= bank1;
  end

  wire unused = &{1'b0, reg_addr[15:0], next};
endmodule
