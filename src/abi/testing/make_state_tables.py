#!/usr/bin/env python3
"""Writes what the specification's definitions.py does with every pair of state and event.

Usage: make_state_tables.py PATH/canonical-abi/definitions.py > state_tables.txt

Each line: machine | state | event | next state, "trap", or "impossible" where an assertion fails. The states of a
subtask are phase,cancellation_requested,resolve_delivered; combinations that no sequence of events reaches are left out.
"""
import importlib.util
import sys
from types import SimpleNamespace

spec = importlib.util.spec_from_file_location('definitions', sys.argv[1])
d = importlib.util.module_from_spec(spec)
sys.modules['definitions'] = d
spec.loader.exec_module(d)

INST = d.ComponentInstance(d.Store())


class Thing(SimpleNamespace):
    __hash__ = object.__hash__


d.current_instance = lambda: INST
d.current_thread = lambda: SimpleNamespace(task=SimpleNamespace(inst=INST))


def outcome(act, state_of):
    try:
        act()
    except d.Trap:
        return 'trap'
    except AssertionError:
        return 'impossible'
    return state_of()


def emit(machine, state, event, act, state_of):
    print(f'{machine}|{state}|{event}|{outcome(act, state_of)}'.lower())


def task(state):
    opts = d.CanonicalOptions(async_=True)
    t = d.Task(d.FuncType([], [], async_=True), opts, INST, lambda: [], lambda result: None)
    t.state = state
    t.implicit_thread = SimpleNamespace(resume=lambda cancelled: None)
    return t


def task_events(t):
    thread = Thing(task=t, cancellable=True, resume=lambda cancelled: None)

    def request(threads):
        t.threads = threads
        t.request_cancellation(None)

    def exit_():
        t.threads = [thread]
        thread.index = INST.threads.add(thread)
        t.unregister_thread(thread)

    return {'start': t.start, 'return_value': lambda: t.return_([]), 'cancel': t.cancel,
            'request_delivered': lambda: request([thread]), 'request_deferred': lambda: request([]),
            'cancellation_point': lambda: t.deliver_pending_cancel(True), 'exit': exit_}


def tasks():
    for state in d.Task.State:
        for event in task_events(task(state)):
            t = task(state)
            emit('task', state.name, event, task_events(t)[event], lambda: t.state.name)


def subtask(phase, requested, delivered):
    s = d.Subtask()
    s.state, s.cancellation_requested = phase, requested
    if delivered:
        s.lenders = None
    s.on_cancel = lambda caller: None
    return s


def subtask_events(s):
    # The two progress callbacks are local to canon_lower there; these do the same to the state.
    S = d.Subtask.State

    def start():
        assert s.state == S.STARTING
        s.state = S.STARTED

    def return_value():
        assert s.state == S.STARTED
        s.resolve(S.RETURNED, [])

    def cancelled():
        assert s.cancellation_requested
        s.resolve(S.CANCELLED_BEFORE_STARTED if s.state == S.STARTING else S.CANCELLED_BEFORE_RETURNED, [])

    def request_cancel():
        i = INST.handles.add(s)
        if s.resolved() and not s.resolve_delivered():
            def event():
                s.deliver_resolve()
                return (d.EventCode.SUBTASK, i, s.state)
            s.set_pending_event(event)
        d.canon_subtask_cancel(True, i)

    return {'start': start, 'return_value': return_value, 'cancelled': cancelled, 'request_cancel': request_cancel,
            'deliver': s.deliver_resolve, 'drop': lambda: d.canon_subtask_drop(INST.handles.add(s))}


def subtasks():
    S = d.Subtask.State
    for phase in S:
        cancelled = phase in (S.CANCELLED_BEFORE_STARTED, S.CANCELLED_BEFORE_RETURNED)
        resolved = cancelled or phase == S.RETURNED
        for requested in ([True] if cancelled else [False, True]):
            for delivered in ([False, True] if resolved else [False]):
                key = (phase, requested, delivered)
                name = f'{phase.name},{int(requested)},{int(delivered)}'
                for event in subtask_events(subtask(*key)):
                    s = subtask(*key)
                    emit('subtask', name, event, subtask_events(s)[event],
                         lambda: f'{s.state.name},{int(s.cancellation_requested)},{int(s.resolve_delivered())}')


ENDS = {
    'readable_stream': (d.ReadableStreamEnd, d.StreamType(None), lambda t, o, i: d.canon_stream_read(t, o, i, 0, 1),
                        d.canon_stream_cancel_read, 'read'),
    'writable_stream': (d.WritableStreamEnd, d.StreamType(None), lambda t, o, i: d.canon_stream_write(t, o, i, 0, 1),
                        d.canon_stream_cancel_write, 'write'),
    'readable_future': (d.ReadableFutureEnd, d.FutureType(None), lambda t, o, i: d.canon_future_read(t, o, i, 0),
                        d.canon_future_cancel_read, 'read'),
    'writable_future': (d.WritableFutureEnd, d.FutureType(None), lambda t, o, i: d.canon_future_write(t, o, i, 0),
                        d.canon_future_cancel_write, 'write'),
}


def end(kind, state):
    """An end whose other side does nothing; `finish(result)` lets the copy end."""
    end_t, t, copy, cancel, direction = ENDS[kind]
    shared = SimpleNamespace(t=None, cancel=lambda: None, drop=lambda: None)

    def start_copy(inst, buffer, *callbacks):
        def finish(result):
            buffer.progress = int(result == d.CopyResult.COMPLETED)
            callbacks[-1](result)
            e.get_pending_event()
        e.finish = finish
    setattr(shared, direction, start_copy)
    e = end_t(shared)
    opts = d.CanonicalOptions(async_=True)
    copy(t, opts, INST.handles.add(e))
    e.state = state
    lift = d.lift_stream if 'stream' in kind else d.lift_future
    return e, {
        'copy': lambda: copy(t, opts, INST.handles.add(e)),
        'cancel': lambda: cancel(t, True, INST.handles.add(e)),
        'completed': lambda: e.finish(d.CopyResult.COMPLETED),
        'dropped': lambda: e.finish(d.CopyResult.DROPPED),
        'cancelled': lambda: e.finish(d.CopyResult.CANCELLED),
        'lift': lambda: lift(SimpleNamespace(inst=INST), INST.handles.add(e), None),
        'drop': e.drop,
    }


def ends():
    for kind in ENDS:
        for state in d.CopyState:
            for event in end(kind, state)[1]:
                e, events = end(kind, state)
                emit(kind, state.name, event, events[event], lambda: e.state.name)


tasks()
subtasks()
ends()
