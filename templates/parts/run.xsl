<?xml version="1.0" encoding="UTF-8"?>
<!-- What a run is called, how it stands, how long things took. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="run" mode="name"><xsl:value-of select="@workflow-name"/><xsl:text> </xsl:text><span class="scope"><xsl:value-of select="@workflow-version"/></span></xsl:template>
<xsl:template match="run[@run-name!='']" mode="name"><xsl:value-of select="@run-name"/><xsl:text> </xsl:text><span class="scope"><xsl:value-of select="@workflow-name"/><xsl:text> </xsl:text><xsl:value-of select="@workflow-version"/></span></xsl:template>
<xsl:template match="run" mode="status"><span class="status run-{@status}"><xsl:value-of select="translate(@status, '_', ' ')"/></span></xsl:template>

<xsl:template match="@*" mode="time"><time datetime="{.}"><xsl:value-of select="../@*[name()=concat(name(current()), '-text')]"/></time></xsl:template>

<xsl:template match="@seconds" mode="duration"><xsl:call-template name="seconds"><xsl:with-param name="n" select="number(.)"/></xsl:call-template></xsl:template>
<xsl:template match="@milliseconds" mode="duration">
<xsl:choose>
<xsl:when test="number(.) &lt; 10000"><xsl:value-of select="format-number(number(.) div 1000, '0.00')"/> s</xsl:when>
<xsl:otherwise><xsl:call-template name="seconds"><xsl:with-param name="n" select="floor(number(.) div 1000)"/></xsl:call-template></xsl:otherwise>
</xsl:choose>
</xsl:template>
<xsl:template name="seconds">
<xsl:param name="n"/>
<xsl:choose>
<xsl:when test="$n &lt; 60"><xsl:value-of select="$n"/> s</xsl:when>
<xsl:when test="$n &lt; 3600"><xsl:value-of select="floor($n div 60)"/> min <xsl:value-of select="$n mod 60"/> s</xsl:when>
<xsl:otherwise><xsl:value-of select="floor($n div 3600)"/> h <xsl:value-of select="floor($n div 60) mod 60"/> min</xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="size">
<xsl:param name="n"/>
<xsl:choose>
<xsl:when test="$n &lt; 10000"><xsl:value-of select="$n"/> B</xsl:when>
<xsl:when test="$n &lt; 10000000"><xsl:value-of select="format-number($n div 1000, '0')"/> kB</xsl:when>
<xsl:otherwise><xsl:value-of select="format-number($n div 1000000, '0.0')"/> MB</xsl:otherwise>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
