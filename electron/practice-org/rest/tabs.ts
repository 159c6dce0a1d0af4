import { json, type Answer } from '../http/exchange.ts';
import type { Call } from './call.ts';

/** `tabs`: one for each object that has records of its own (REST API Developer Guide, "Get Tabs"). */
export function tabs(call: Call): Answer {
  const { origin } = call.exchange;
  const png = (name: string, size: number, theme: string): Record<string, unknown> => ({
    contentType: 'image/png',
    height: size,
    theme,
    url: `${origin}/img/icon/${name}.png`,
    width: size,
  });
  return json(
    200,
    [...call.org.data.schema.values()]
      .filter((object) => !object.readOnly && !object.event)
      .map((object) => {
        const icon = object.custom ? 'custom' : object.labelPlural.toLowerCase().replaceAll(' ', '');
        return {
          colors: [{ color: '0F766E', context: 'primary', theme: 'theme4' }],
          custom: object.custom,
          iconUrl: `${origin}/img/icon/${icon}32.png`,
          icons: [png(`${icon}32`, 32, 'theme3'), png(`${icon}16`, 16, 'theme3')],
          label: object.labelPlural,
          miniIconUrl: `${origin}/img/icon/${icon}16.png`,
          name: object.custom ? object.name : `standard-${object.name}`,
          sobjectName: object.name,
          url: `${origin}/${object.keyPrefix}/o`,
        };
      }),
  );
}
