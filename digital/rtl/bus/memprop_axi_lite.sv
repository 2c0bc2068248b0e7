// AXI4-Lite slave in front of the register file: five independent channels with back-pressure, one
// write and one read waiting at most, carried out one at a time and in turn when both wait.
// BRESP/RRESP: OKAY, SLVERR (read-only register, or in use while busy), DECERR (nothing mapped, or
// an address that is no multiple of 4).
module memprop_axi_lite (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic        s_axi_awvalid,
    output logic        s_axi_awready,
    input  logic [19:0] s_axi_awaddr,
    input  logic [2:0]  s_axi_awprot,
    input  logic        s_axi_wvalid,
    output logic        s_axi_wready,
    input  logic [31:0] s_axi_wdata,
    input  logic [3:0]  s_axi_wstrb,
    output logic        s_axi_bvalid,
    input  logic        s_axi_bready,
    output logic [1:0]  s_axi_bresp,
    input  logic        s_axi_arvalid,
    output logic        s_axi_arready,
    input  logic [19:0] s_axi_araddr,
    input  logic [2:0]  s_axi_arprot,
    output logic        s_axi_rvalid,
    input  logic        s_axi_rready,
    output logic [31:0] s_axi_rdata,
    output logic [1:0]  s_axi_rresp,
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
  logic aw_held;
  logic [19:0] aw_addr;
  logic w_held;
  logic [31:0] w_data;
  logic [3:0] w_strb;
  logic ar_held;
  logic [19:0] ar_addr;
  logic in_flight;    // the register file works on an access of ours
  logic flight_write;
  logic favour_read;  // whose turn it is when both wait

  logic write_waits;
  logic read_waits;
  logic pick_write;
  logic [1:0] response;

  // No ready without having come out of reset: the specification wants valid low there, and a
  // ready that rises later loses nothing.
  assign s_axi_awready = aresetn && !aw_held;
  assign s_axi_wready = aresetn && !w_held;
  assign s_axi_arready = aresetn && !ar_held;

  // An access goes on only when its answer has a place to stand.
  assign write_waits = aw_held && w_held && !s_axi_bvalid;
  assign read_waits = ar_held && !s_axi_rvalid;
  assign pick_write = write_waits && !(read_waits && favour_read);
  assign req_valid = !in_flight && (write_waits || read_waits);
  assign req_write = pick_write;
  assign req_addr = pick_write ? aw_addr : ar_addr;
  assign req_wdata = w_data;
  assign req_be = w_strb;
  assign response = (rsp_error == 2'd0) ? 2'b00 : (rsp_error == 2'd1) ? 2'b10 : 2'b11;

  always_ff @(posedge aclk) begin
    if (!aresetn) begin
      aw_held <= 1'b0;
      w_held <= 1'b0;
      ar_held <= 1'b0;
      aw_addr <= 20'd0;
      w_data <= 32'd0;
      w_strb <= 4'd0;
      ar_addr <= 20'd0;
      in_flight <= 1'b0;
      flight_write <= 1'b0;
      favour_read <= 1'b0;
      s_axi_bvalid <= 1'b0;
      s_axi_bresp <= 2'b00;
      s_axi_rvalid <= 1'b0;
      s_axi_rdata <= 32'd0;
      s_axi_rresp <= 2'b00;
    end else begin
      if (s_axi_awvalid && s_axi_awready) begin
        aw_held <= 1'b1;
        aw_addr <= s_axi_awaddr;
      end
      if (s_axi_wvalid && s_axi_wready) begin
        w_held <= 1'b1;
        w_data <= s_axi_wdata;
        w_strb <= s_axi_wstrb;
      end
      if (s_axi_arvalid && s_axi_arready) begin
        ar_held <= 1'b1;
        ar_addr <= s_axi_araddr;
      end

      if (s_axi_bvalid && s_axi_bready) s_axi_bvalid <= 1'b0;
      if (s_axi_rvalid && s_axi_rready) s_axi_rvalid <= 1'b0;

      if (req_valid && req_ready) begin
        in_flight <= 1'b1;
        flight_write <= pick_write;
        favour_read <= pick_write;
        if (pick_write) begin
          aw_held <= 1'b0;
          w_held <= 1'b0;
        end else begin
          ar_held <= 1'b0;
        end
      end
      if (rsp_valid && in_flight) begin
        in_flight <= 1'b0;
        if (flight_write) begin
          s_axi_bvalid <= 1'b1;
          s_axi_bresp <= response;
        end else begin
          s_axi_rvalid <= 1'b1;
          s_axi_rdata <= (rsp_error == 2'd0) ? rsp_rdata : 32'd0;
          s_axi_rresp <= response;
        end
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, s_axi_awprot, s_axi_arprot};
endmodule
