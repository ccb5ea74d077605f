/**
 * Finds the backends, asks each about a problem, chooses one and explains the choice. {@link normkit.dispatch.Planner}
 * decides from a model of costs, from measurements, or from {@link normkit.dispatch.Wisdom}, which is measurements that are
 * remembered. {@link normkit.dispatch.PlannedPasses} keeps what was chosen for the passes of a plan, and runs it.
 */
package normkit.dispatch;
