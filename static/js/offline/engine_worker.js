/**
 * The adjudication engine in a worker: Python by Pyodide, the engine's files and the law of the pack.
 * Messages: {start: {engine, law}} -> {started: {python, law, ms}}; {judge: [case…]} -> {answers: […]};
 * {estimate: question} -> {answer}. What fails answers {failed: why}.
 */

import { loadPyodide } from "../../vendor/pyodide/pyodide.mjs";

const PROGRAM = `
import json, sys
sys.path.insert(0, "/engine.zip")
from claims.adjudication import Law
from claims.adjudication.batch import judge_line
from claims.adjudication.estimating import estimate_text

def start(text):
    global law
    law = Law.from_dict({"parameters": json.loads(text)})
    return json.dumps({"python": sys.version.split()[0], "law": law.digest})

def judge(lines):
    return [json.dumps(judge_line(line.encode(), law)) for line in lines]

def estimate(text):
    return estimate_text(text, law)
`;

let engine = null;

const start = async ({ engine: archive, law }) => {
  const begun = performance.now();
  const indexURL = new URL("../../vendor/pyodide/", import.meta.url).href;
  const pyodide = await loadPyodide({ indexURL });
  pyodide.FS.writeFile("/engine.zip", archive);
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(PROGRAM, { globals: names });
  engine = (name) => names.get(name);
  const started = JSON.parse(engine("start")(law));
  return { started: { ...started, ms: Math.round(performance.now() - begun) } };
};

const judge = (lines) => {
  const begun = performance.now();
  const given = engine("judge")(lines);
  const answers = given.toJs();
  given.destroy();
  return { answers, ms: performance.now() - begun };
};

const answerTo = async (asked) => {
  if (asked.start) return start(asked.start);
  if (asked.judge) return judge(asked.judge);
  return { answer: engine("estimate")(JSON.stringify(asked.estimate)) };
};

self.addEventListener("message", async ({ data: { id, ...asked } }) => {
  try {
    self.postMessage({ id, ...(await answerTo(asked)) });
  } catch (error) {
    self.postMessage({ id, failed: String(error.message ?? error) });
  }
});

self.postMessage({ ready: true });
