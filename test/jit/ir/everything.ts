/** A trace with everything that the textual form has. */
export const EVERYTHING = `trace 12 start=65536 slots=20 parent=3:14
%0 = SLOAD.i64 slot=-1 tag=int exit=0
%1 = SLOAD slot=2 tag=nil exit=0
%2 = SLOAD.i32 slot=3 tag=table
%4 = ADD.i64 %0, -9223372036854775808
%5 = I2F.f64 %4
%6 = CALL.f64 pow(%5, f:0.1)
%7 = ADD.f64 %6, f:-0
%8 = MUL.f64 %7, f:Infinity
%9 = MUL.f64 %8, f:nan:fff8000000000001
%10 = FLOAD.i32 %2 field=table.slots
%11 = FLOAD.i32 @4096 field=upvalue3
%12 = HSTORE %10, _ index=2 tag=nil
%13 = HSTORE %10, %9 index=3 tag=float
%14 = RSTORE %0 index=1 tag=int
%15 = ATAGSTORE %10, i:-8, i:4 tag=int
%16 = VMLOAD.i32 offset=1040
%17 = CALLB i:-1 slot=5 count=2 exit=1
%18 = CALLB i:-1 slot=6 count=0 exit=1
%19 = LOOP exit=2
%20 = SUB.i64 %0, 1
%21 = CALLB i:7 slot=5 count=1 exit=1
%22 = GUARD %16 exit=1
%23 = PHI.i64 %0, %20
snapshot 0 pc=65536 {}
snapshot 1 pc=65544 { -1: closure @4096; 0: nil; 3: float %9 } [base=5 caller=65552 results=-1 kind=512] [base=9 caller=65560 results=1 kind=0]
snapshot 2 pc=65536 { 1: int %0 } [stack=3,4]
link loop end=2
`;
