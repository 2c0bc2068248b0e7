// APB slave (AMBA APB version 2, with PSTRB) in front of the register file. One wait state; a start
// that has to check a changed configuration takes more. PSLVERR for every refused or unmapped
// access; PRDATA is then 0.
module memprop_apb (
    input  logic        pclk,
    input  logic        presetn,
    input  logic        psel,
    input  logic        penable,
    input  logic        pwrite,
    input  logic [19:0] paddr,
    input  logic [31:0] pwdata,
    input  logic [3:0]  pstrb,
    input  logic [2:0]  pprot,
    output logic        pready,
    output logic [31:0] prdata,
    output logic        pslverr,
    // the register file
    output logic        req_valid,
    input  logic        req_ready,
    output logic        req_write,
    output logic [19:0] req_addr,
    output logic [31:0] req_wdata,
    output logic [3:0]  req_be,
    input  logic        rsp_valid,
    input  logic [31:0] rsp_rdata,
    input  logic [1:0]  rsp_error
);
  logic in_flight;

  assign req_valid = psel && penable && !in_flight;
  assign req_write = pwrite;
  assign req_addr = paddr;
  assign req_wdata = pwdata;
  assign req_be = pstrb;
  assign pready = in_flight && rsp_valid;
  assign pslverr = pready && rsp_error != 2'd0;
  assign prdata = (pready && !pwrite && rsp_error == 2'd0) ? rsp_rdata : 32'd0;

  always_ff @(posedge pclk) begin
    if (!presetn) in_flight <= 1'b0;
    else if (req_valid && req_ready) in_flight <= 1'b1;
    else if (pready) in_flight <= 1'b0;
  end

  logic unused;
  assign unused = &{1'b0, pprot};
endmodule
