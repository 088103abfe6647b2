//! What every adapter needs to speak: outbound HTTP, sessions, dated end points, the words of outcomes. It knows no system.
