/** What the CPU and its memory can do at best: what the roofline of a result is made of. */
package normkit.bench.limits;
