"""Words for Sagicc's invented rows: what catalogues list, and what columns of a name hold."""

from __future__ import annotations

from typing import Final

#: How many rows a table has at most; `data.py` says how many the tables have that are not here.
SIZES: Final = {
    "adjunto": 150,
    "agente_campana_canal": 80,
    "agente_estado_agente": 120,
    "bolsa_clientes": 6,
    "calificacion": 150,
    "campana": 6,
    "campana_canal": 12,
    "campana_estado_caso": 24,
    "campana_supervisor": 8,
    "campo": 40,
    "canal": 8,
    "ciudad": 20,
    "cliente_etiqueta_cliente": 100,
    "cola_campana_canal": 60,
    "conexion": 6,
    "cuenta": 150,
    "cuenta_campana": 60,
    "cuenta_caso": 120,
    "desuscripcion_email": 40,
    "encuesta": 3,
    "encuesta_pregunta": 12,
    "encuesta_resultado": 120,
    "etiqueta_cliente": 10,
    "formulario": 6,
    "lista_bloqueo": 30,
    "pais": 5,
    "registro_canal": 200,
    "skill": 8,
    "tipo_campo": 8,
    "tipo_canal": 6,
    "tipo_canal_tipo_dato_contacto": 10,
    "tipo_caso": 6,
    "tipo_dato_contacto": 4,
    "tipo_documento": 5,
    "usuario": 40,
    "usuario_skill": 60,
}

#: The column `nombre` of catalogues; what is longer than its list begins again, with a number.
NAMES: Final = {
    "adjunto": ("factura", "soporte_pago", "foto_producto", "cedula", "contrato"),
    "bolsa_clientes": ("Cartera en mora", "Clientes nuevos", "Renovaciones", "Recuperación", "Fidelización"),
    "campana": ("Servicio al cliente", "Ventas", "Cobranza", "Soporte técnico", "Fidelización", "Posventa"),
    "campana_estado_caso": ("Abierto", "En gestión", "En espera del cliente", "Cerrado"),
    "campo": ("motivo", "fecha_visita", "valor_acordado", "observaciones", "correo", "direccion", "acepta_datos"),
    "canal": ("Línea principal", "WhatsApp ventas", "Correo soporte", "Chat web", "SMS", "Facebook", "Instagram"),
    "conexion": ("Consulta de saldo", "Consulta de pedido", "Registro de visita", "Estado de garantía"),
    "encuesta": ("Satisfacción", "Recomendación", "Primer contacto"),
    "etiqueta_cliente": ("VIP", "Mayorista", "Frecuente", "Moroso", "Nuevo", "Recuperado", "Empresa", "Inactivo"),
    "formulario": ("Radicación", "Cierre de venta", "Promesa de pago", "Visita técnica", "Garantía", "Encuesta"),
    "pais": ("COLOMBIA", "ECUADOR", "PERÚ", "PANAMÁ", "MÉXICO"),
    "skill": ("Inglés", "Cobranza", "Soporte nivel 1", "Soporte nivel 2", "Ventas", "Retención", "Chat", "Voz"),
    "tipo_campo": ("Texto", "Número", "Fecha", "Lista", "Correo", "Casilla", "Área de texto", "Archivo"),
    "tipo_canal": ("Llamada", "WhatsApp", "Email", "Chat", "SMS", "Red social"),
    "tipo_caso": ("Petición", "Queja", "Reclamo", "Sugerencia", "Venta", "Cobro"),
    "tipo_dato_contacto": ("Celular", "Teléfono fijo", "Email", "WhatsApp"),
    "tipo_documento": (
        "Cédula de ciudadanía", "Cédula de extranjería", "NIT", "Pasaporte", "Tarjeta de identidad",
    ),
}  # fmt: skip

#: The column `codigo` of catalogues.
CODES: Final = {"pais": ("CO", "EC", "PE", "PA", "MX"), "tipo_documento": ("CC", "CE", "NIT", "PA", "TI")}

#: What a column of that name holds, whatever its table.
WORDS: Final = {
    "asunto": (
        "Factura con error", "Demora en la entrega", "Cambio de plan", "Producto averiado", "Consulta de saldo",
        "Garantía", "Actualización de datos", "Instalación", "Cotización", "Devolución de dinero",
    ),
    "barrio": ("El Poblado", "Chapinero", "San Fernando", "La Castellana", "Manga", "Cañaveral", "Belén", "Kennedy"),
    "color": ("#1B9E77", "#D95F02", "#7570B3", "#E7298A", "#66A61E"),
    "comentario": ("Muy buena atención", "Demoraron en contestar", "Excelente", "Sin solución", "Amable y rápido"),
    "descripcion": (
        "El cliente pide que lo llamen mañana", "Se envía información por correo", "Sin novedad",
        "Solicita copia del contrato", "Requiere visita de un técnico", "Queda pendiente el soporte de pago",
    ),
    "estado": ("Disponible", "En llamada", "Almuerzo", "Pausa activa", "Capacitación", "Desconectado"),
    "etiqueta": ("Personal", "Trabajo", "Casa", "Facturación"),
    "extension": ("pdf", "jpg", "png", "docx"),
    "genero": ("Femenino", "Masculino", "Otro"),
    "mensaje": ("Hola, necesito ayuda", "¿Cuál es el estado de mi pedido?", "Gracias", "Buenos días", "¿Tienen sede en Cali?"),
    "metodo": ("GET", "POST"),
    "motivo": ("Solicitud del cliente", "Correo rebotado", "Número equivocado", "Spam"),
    "observacion": (
        "No contesta", "Buzón de mensajes", "Se informa el estado del caso", "Promesa de pago", "Cliente satisfecho",
        "Se escala al segundo nivel", "Llamar después de las 2 p. m.",
    ),
    "pregunta": ("¿Cómo califica la atención?", "¿Resolvimos su solicitud?", "¿Nos recomendaría?", "¿Cuánto esperó?"),
    "prioridad": ("Baja", "Media", "Media", "Media", "Alta", "Urgente"),
    "respuesta": ("Sí", "No", "Excelente", "Bueno", "Regular", "Malo"),
}  # fmt: skip
