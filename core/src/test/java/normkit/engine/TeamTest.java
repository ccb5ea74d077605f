package normkit.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import normkit.spi.Parallelism;
import org.junit.jupiter.api.Test;

/** Who does which task, and in which order, if only one member ever comes. */
class TeamTest {

    private static final Executor NEVER = task -> {};

    private record Done(int task, int member) {}

    private static List<Done> done(int tasks, int degree, boolean fromLast, Executor executor) {
        Team team = new Team(new Parallelism(executor, degree));
        List<Done> done = new ArrayList<>();
        Team.Work work = (task, member) -> done.add(new Done(task, member));
        if (fromLast) {
            team.runFromLast(tasks, work);
        } else {
            team.run(tasks, work);
        }
        return done;
    }

    private static List<Done> by(int member, int... tasks) {
        List<Done> all = new ArrayList<>();
        for (int task : tasks) {
            all.add(new Done(task, member));
        }
        return all;
    }

    @Test
    void callerAloneBeginsWithItsOwnAndThenDoesTheOthers() {
        assertEquals(by(0, 0, 3, 6, 1, 4, 2, 5), done(7, 3, false, NEVER));
        assertEquals(by(0, 6, 3, 0, 4, 1, 5, 2), done(7, 3, true, NEVER));
    }

    @Test
    void helperThatIsFirstBeginsWithItsOwn() {
        // Runs the helper before the caller has begun.
        assertEquals(by(1, 1, 3, 0, 2, 4), done(5, 2, false, Runnable::run));
        assertEquals(by(1, 3, 1, 4, 2, 0), done(5, 2, true, Runnable::run));
    }

    @Test
    void noMoreMembersThanTasks() {
        List<Runnable> asked = new ArrayList<>();
        assertEquals(by(0, 0, 1), done(2, 64, false, asked::add));
        assertEquals(1, asked.size());
    }

    @Test
    void oneThreadDoesAllInOrder() {
        assertEquals(by(0, 0, 1, 2), done(3, 1, false, null));
        assertEquals(by(0, 2, 1, 0), done(3, 1, true, null));
    }

    @Test
    void helpersThatComeLateFindNothing() {
        List<Runnable> late = new ArrayList<>();
        List<Done> done = done(4, 4, false, late::add);
        late.forEach(Runnable::run);
        assertEquals(by(0, 0, 1, 2, 3), done);
    }
}
