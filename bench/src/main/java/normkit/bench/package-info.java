/** The entry point of the runnable jar, and the JVM it needs. */
package normkit.bench;
