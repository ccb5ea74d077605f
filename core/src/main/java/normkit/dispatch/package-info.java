/** Finds the backends, asks each about a problem, chooses one, and explains the choice. */
package normkit.dispatch;
