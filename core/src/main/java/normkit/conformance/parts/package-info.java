/**
 * What conformance suites are made of: numbers of twice the precision of double and their derivatives, tensors between guard
 * zones, a judge, and a choice of cases. Nothing here shares code with what is tried.
 */
package normkit.conformance.parts;
