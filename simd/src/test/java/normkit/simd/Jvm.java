package normkit.simd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a class's main method in a JVM of its own and returns what it printed; a failure is part of that. */
record Jvm(List<String> flags) {

    static Jvm with(String... flags) {
        List<String> all = new ArrayList<>(List.of(flags));
        all.add("-cp");
        all.add(System.getProperty("java.class.path"));
        return new Jvm(all);
    }

    static Jvm withVectors(String... flags) {
        Jvm jvm = with(flags);
        jvm.flags.addFirst("jdk.incubator.vector");
        jvm.flags.addFirst("--add-modules");
        return jvm;
    }

    String run(Class<?> main) throws IOException, InterruptedException {
        return start(List.of(main.getName()));
    }

    String start(List<String> what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(what);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        int status = process.waitFor();
        String own = output.lines().filter(line -> !line.contains("Using incubator modules")).reduce("",
                (a, b) -> a + b + "\n");
        return status == 0 ? own : own + "exit status " + status;
    }
}
