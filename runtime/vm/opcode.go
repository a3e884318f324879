package vm

// An instruction is 32 bits: the operation in the lowest 8, then A, then B and
// C, or D, which is B and C taken as one 16-bit number. Comparisons and tests
// are followed by a jump that is taken when they hold.
const (
	opMove     = iota // R[A] = R[B]
	opLoadK           // R[A] = K[D]
	opLoadNil         // R[A..B] = nil
	opLoadBool        // R[A] = B ~= 0; skip the next instruction when C ~= 0
	opGetUp           // R[A] = U[B]
	opSetUp           // U[A] = R[B]
	opGetG            // R[A] = env[K[D]]
	opSetG            // env[K[D]] = R[A]
	opGet             // R[A] = R[B][R[C]]
	opGetS            // R[A] = R[B][K[C]], a string
	opGetI            // R[A] = R[B][C]
	opSet             // R[B][R[C]] = R[A]
	opSetS            // R[B][K[C]] = R[A]
	opSetI            // R[B][C] = R[A]
	opNewTable        // R[A] = {}, sized for B items and C fields
	opSelf            // R[A+1] = R[B]; R[A] = R[B][K[C]]
	opSelfR           // R[A+1] = R[B]; R[A] = R[B][R[C]]
	opAdd             // R[A] = R[B] + R[C], and so on in the order of syntax.Op
	opSub
	opMul
	opDiv
	opMod
	opPow
	opAddK // R[A] = R[B] + K[C]
	opSubK
	opMulK
	opDivK
	opModK
	opPowK
	opKAdd // R[A] = K[B] + R[C]
	opKSub
	opKMul
	opKDiv
	opKMod
	opKPow
	opUnm     // R[A] = -R[B]
	opNot     // R[A] = not R[B]
	opLen     // R[A] = #R[B]
	opConcat  // R[A] = R[B] .. … .. R[C]
	opEq      // holds when (R[A] == R[B]) == (C ~= 0)
	opEqK     // the same with K[B]
	opLt      // (R[A] < R[B]) == (C ~= 0)
	opLtK     // with K[B]
	opKLt     // with K[A]
	opLe      // (R[A] <= R[B]) == (C ~= 0)
	opLeK     // with K[B]
	opKLe     // with K[A]
	opTest    // holds when R[A] is as true as C
	opTestSet // holds when R[B] is as true as C, then R[A] = R[B]
	opJmp     // pc += D
	opJmpX    // close upvalues from R[A], then pc += D
	opCall    // R[A..A+C-2] = R[A](R[A+1..A+B-1]); B, C = 0: up to the top
	opTailCall
	opReturn  // return R[A..A+B-2]; B = 0: up to the top
	opForPrep // prepare R[A..A+2], pc += D when the loop does not run
	opForLoop // step, pc += D while it runs
	opTFor    // R[A+3..A+2+C] = R[A](R[A+1], R[A+2]); the next jump is taken when R[A+3] ~= nil
	opSetList // R[A][code[pc]+i] = R[A+i], 1 <= i <= B; B = 0: up to the top
	opClose   // close upvalues from R[A]
	opClosure // R[A] = closure of the D-th inner function; upvalues follow
	opVararg  // R[A..A+B-2] = ...; B = 0: all, and set the top
)

const (
	maxLocals    = 200
	maxUpvalues  = 60
	maxRegisters = 250
	maxJump      = 1<<15 - 1
	maxConstants = 1 << 16
)

// compiledHere marks the functions of this package's compiler in the flags
// that gopher-lua keeps about varargs; it uses the lowest three.
const compiledHere = 0x40

func abc(op, a, b, c int) uint32 {
	return uint32(op) | uint32(a)<<8 | uint32(b)<<16 | uint32(c)<<24
}

func ad(op, a, d int) uint32 { return uint32(op) | uint32(a)<<8 | uint32(d)<<16 }

func opOf(i uint32) int { return int(i & 0xff) }
func argA(i uint32) int { return int(i >> 8 & 0xff) }
func argB(i uint32) int { return int(i >> 16 & 0xff) }
func argC(i uint32) int { return int(i >> 24) }
func argD(i uint32) int { return int(i >> 16) }
func argJ(i uint32) int { return int(int32(i) >> 16) }
