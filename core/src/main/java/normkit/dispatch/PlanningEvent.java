package normkit.dispatch;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A backend was chosen for a problem. */
@Name("normkit.Planning")
@Label("Planning")
@Category("Normkit")
@Description("A backend was chosen for a problem; the duration is that of choosing")
@Enabled(false)
@StackTrace(false)
final class PlanningEvent extends Event {

    /** Only asked whether it is enabled, which it tells for its class. */
    private static final PlanningEvent CLASS = new PlanningEvent();

    @Label("Problem")
    String problem;

    @Label("Backend")
    String backend;

    @Label("Implementation")
    String implementation;

    @Label("Source")
    @Description("Where the decision comes from: FORCED, ONLY, PRIORITY, ESTIMATE, MEASURED or WISDOM")
    String source;

    @Label("Time in ns")
    @Description("Measured or estimated time of an execution; NaN if unknown")
    double nanoseconds;

    static boolean recorded() {
        return CLASS.isEnabled();
    }

    static PlanningEvent started() {
        PlanningEvent event = new PlanningEvent();
        event.begin();
        return event;
    }

    void end(Decision decision) {
        end();
        if (shouldCommit()) {
            problem = decision.problem().toString();
            backend = decision.chosen().name();
            implementation = decision.implementation();
            source = decision.source().name();
            nanoseconds = decision.nanoseconds();
            commit();
        }
    }
}
