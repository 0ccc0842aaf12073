import type { Candidate } from '../../tune/candidate.js';
import { formatGoal } from '../../tune/objective.js';
import type { Tuning } from '../../tune/tune.js';
import {
  adviceText,
  certaintyLines,
  optionEntries,
  resultColumns,
  resultRow,
  resultRows,
  startText,
} from '../tuning.js';
import type { HtmlTable } from './report.js';
import { sentences } from './sentences.js';

const ONE_RUN =
  'the figures above and the picture below are of one run of the whole load with them';

/** What `tune` shows: the options that it found, and how sure they are. */
export function tuningTables(tuning: Tuning): HtmlTable[] {
  const { objective, answer, closest, scenario } = tuning;
  const goals = objective.map((goal) => formatGoal(goal)).join(' and ');
  const asked = `${goals}, with at most ${scenario.max} connections`;
  if (answer === null) {
    const lines = [
      `nothing found that meets the objective: ${asked}`,
      adviceText(tuning),
      startText(tuning),
      `these options came closest; ${ONE_RUN}`,
    ];
    return [
      optionTable(tuning, 'No answer', sentences(lines), closest.candidate),
      {
        heading: 'How close it came',
        text: `Means over ${closest.replications} replications with random numbers that the search did not see.`,
        columns: named(resultColumns(objective)),
        rows: [resultRow('fresh seeds', closest)],
      },
    ];
  }
  const lines = [
    `the cheapest options found that meet the objective: ${asked}`,
    startText(tuning),
    ONE_RUN,
  ];
  const [columns = [], ...rows] = resultRows(tuning, answer);
  return [
    optionTable(tuning, 'Answer', sentences(lines), answer.candidate),
    {
      heading: 'Confirmation and sensitivity',
      text: `Means over ${answer.confirmed.replications} replications with random numbers that the search did not see, then under other conditions. ${sentences(certaintyLines(answer))}`,
      columns: named(columns),
      rows,
    },
  ];
}

function optionTable(
  tuning: Tuning,
  heading: string,
  text: string,
  candidate: Candidate,
): HtmlTable {
  return {
    heading,
    text,
    columns: ['Option', 'Value'],
    rows: optionEntries(tuning, candidate),
  };
}

/** The first column has no name where it is plain text. */
function named([, ...columns]: readonly string[]): string[] {
  return ['Run', ...columns];
}
