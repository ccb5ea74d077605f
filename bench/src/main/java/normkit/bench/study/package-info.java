/**
 * A study of the backends on one machine: what is measured, how, the file it makes, and what is read off it. Whatever is timed
 * is timed by JMH, in JVMs of its own.
 */
package normkit.bench.study;
