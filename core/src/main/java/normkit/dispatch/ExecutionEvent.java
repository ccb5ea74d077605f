package normkit.dispatch;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A plan was executed. */
@Name("normkit.Execution")
@Label("Execution")
@Category("Normkit")
@Description("A plan was executed; the duration is that of the backend's work")
@Enabled(false)
@StackTrace(false)
final class ExecutionEvent extends Event {

    /** Only asked whether it is enabled, which it tells for its class. */
    private static final ExecutionEvent CLASS = new ExecutionEvent();

    @Label("Operation")
    String operation;

    @Label("Pass")
    String pass;

    @Label("Shape")
    @Description("Element type, layout and shape of x")
    String shape;

    @Label("Backend")
    String backend;

    @Label("Implementation")
    String implementation;

    static boolean recorded() {
        return CLASS.isEnabled();
    }

    static ExecutionEvent started() {
        ExecutionEvent event = new ExecutionEvent();
        event.begin();
        return event;
    }

    void end(Decision decision) {
        end();
        if (shouldCommit()) {
            operation = decision.problem().operation().label();
            pass = decision.problem().pass().name();
            shape = decision.problem().x().toString();
            backend = decision.chosen().name();
            implementation = decision.implementation();
            commit();
        }
    }
}
