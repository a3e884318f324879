// Package decimal is Tarantool's decimal: up to 38 significant digits, exact,
// with the scale kept (1.50 is not printed as 1.5).
//
// The one idea: the arithmetic is cockroachdb/apd's under one fixed context, and
// this package adds what is Tarantool's own: the packed form of MessagePack
// extension 1, the limits, and the way a decimal is printed. A Decimal is never
// changed once it is made.
package decimal
