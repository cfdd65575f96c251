import { byId, element, setText } from './elements.js';
import { airChip, namedFigure, originLine } from './figures.js';

const comfortWords = {
  HOT: 'hotter than they like',
  COLD: 'colder than they like',
  COMFORTABLE: 'comfortable for them',
  UNKNOWN: 'no sensor has reported yet',
};
const airWords = {
  ABOVE_LIMIT: 'the air is worse than their limit',
  WITHIN_LIMIT: 'the air is within their limit',
  UNKNOWN: 'their air is not known now',
};

/** A name keeps its own direction of writing and does not turn the sentence around. @param {string} name */
const isolated = (name) => (/^[\x20-\x7e]*$/.test(name) ? name : `\u2068${name}\u2069`);

/** @param {string} text */
const shortened = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** @param {any} user */
export function personSentence(user) {
  const place = user.city === null ? 'a city without data' : `${isolated(user.city)}, ${user.cityState ?? ''}`;
  return `${isolated(user.fullName)} in ${place}: ${comfortWords[user.comfort]}; ${airWords[user.air]}.`;
}

/** The picker and the conditions of the chosen person. */
export function personPanel() {
  const picker = byId('person');
  const hint = byId('person-state');
  const container = byId('person-conditions');
  const sentence = element('p', { class: 'person-sentence' });
  const temperature = namedFigure('Temperature', 'fahrenheit');
  const humidity = namedFigure('Humidity', 'percent');
  const air = airChip();
  const sensorOrigin = originLine();
  const outside = namedFigure('Temperature', 'fahrenheitWhole');
  const sky = namedFigure('Sky', 'text');
  const weatherOrigin = originLine();
  container.append(
    sentence,
    element('h3', {}, ['Sensors of the city']),
    element('dl', { class: 'figures' }, [temperature.root, humidity.root]),
    air.root,
    sensorOrigin.root,
    element('h3', {}, ['Weather']),
    element('dl', { class: 'figures' }, [outside.root, sky.root]),
    weatherOrigin.root,
  );
  let listed = '';

  return {
    picker,
    /** @param {any[]} people @param {string} chosen */
    updatePeople(people, chosen) {
      const list = JSON.stringify(people);
      if (list !== listed) {
        listed = list;
        picker.replaceChildren(element('option', { value: '' }, ['Choose a person…']), ...groups(people));
      }
      if (picker.value !== chosen) picker.value = people.some(({ id }) => String(id) === chosen) ? chosen : '';
    },
    /**
     * @param {any} user undefined: nobody chosen or not known yet; null: gone
     * @param {{ chosen: string, oddChoice: string, people: any[] }} state
     * @param {string | null} why what keeps the conditions from getting younger
     * @param {number} now
     */
    updateConditions(user, { chosen, oddChoice, people }, why, now) {
      container.hidden = !user;
      hint.hidden = Boolean(user);
      if (!user) {
        if (chosen !== '' && user === undefined) setText(hint, 'Loading the conditions…');
        else if (chosen !== '') setText(hint, 'This person has no conditions: removed, or only just added.');
        else if (oddChoice !== '')
          setText(hint, `The address asks for “${shortened(oddChoice)}”, which is nobody’s id. Choose a person.`);
        else if (people.length > 0) setText(hint, 'Choose a person to see the conditions where they live.');
        else setText(hint, 'No people yet. They appear here as soon as they are added.');
        return;
      }
      setText(sentence, personSentence(user));
      temperature.update(user.sensors.temperatureF, now);
      humidity.update(user.sensors.humidityPct, now);
      air.update(user.sensors.airQuality, now, why);
      sensorOrigin.update(user.sensors.temperatureF, now, undefined, why);
      outside.update(user.weather.temperatureF, now);
      sky.update(user.weather.conditions, now);
      weatherOrigin.update(user.weather.temperatureF, now, undefined, why);
    },
  };
}

/** @param {any[]} people sorted by city */
function groups(people) {
  /** @type {Map<string, any[]>} */
  const byCity = new Map();
  for (const person of people) {
    const city = person.city ?? 'Elsewhere';
    byCity.set(city, [...(byCity.get(city) ?? []), person]);
  }
  return [...byCity].map(([city, members]) =>
    element(
      'optgroup',
      { label: city },
      members.map(({ id, fullName }) => element('option', { value: String(id) }, [fullName])),
    ),
  );
}
