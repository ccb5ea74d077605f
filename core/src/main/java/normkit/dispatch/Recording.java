package normkit.dispatch;

/**
 * Events of the JDK Flight Recorder, {@code normkit.Planning} and {@code normkit.Execution}: off unless a recording enables
 * them. While they are off, and where the module {@code jdk.jfr} is not there, nothing is allocated or recorded.
 */
final class Recording {

    private static final boolean PRESENT = present();

    private Recording() {
    }

    private static boolean present() {
        try {
            Class.forName("jdk.jfr.Event");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Begins a planning event; null if nobody records it. */
    static Object planning() {
        return PRESENT && PlanningEvent.recorded() ? PlanningEvent.started() : null;
    }

    /** Ends a planning event. */
    static void end(Object event, Decision decision) {
        if (event != null) {
            ((PlanningEvent) event).end(decision);
        }
    }

    /** Begins an execution event; null if nobody records it. */
    static Object execution() {
        return PRESENT && ExecutionEvent.recorded() ? ExecutionEvent.started() : null;
    }

    /** Ends an execution event, which is not null. */
    static void endExecution(Object event, Decision decision) {
        ((ExecutionEvent) event).end(decision);
    }
}
