package normkit.bench.files;

/** A file or an option the user gave is wrong; the message is one line that names it and says what it must be. */
public final class BadInputException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param message what was wrong, what it was and what it must be
     */
    public BadInputException(String message) {
        super(message);
    }

    /**
     * Makes an exception.
     *
     * @param message what was wrong, what it was and what it must be
     * @param cause what revealed it
     */
    public BadInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
