package normkit.dispatch;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What dispatch has to say to the logger {@code normkit}: each thing once in a process. */
final class Messages {

    private static final System.Logger LOGGER = System.getLogger("normkit");
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Messages() {
    }

    static void once(System.Logger.Level level, String message) {
        if (SAID.add(message)) {
            LOGGER.log(level, message);
        }
    }
}
