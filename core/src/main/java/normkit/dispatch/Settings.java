package normkit.dispatch;

/** Settings of the process. */
final class Settings {

    private Settings() {
    }

    /** The property's value, else the variable's, without blanks around it; null if there is neither or it is blank. */
    static String value(String property, String variable) {
        String value = System.getProperty(property);
        if (value == null) {
            value = System.getenv(variable);
        }
        return value == null || value.isBlank() ? null : value.strip();
    }
}
